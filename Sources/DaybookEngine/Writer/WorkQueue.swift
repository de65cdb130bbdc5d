import Dispatch
import Synchronization

/// Hands elements from many senders to one receiving thread, in order; what is express goes first.
///
/// The receiver takes everything that waits at once, so a busy receiver pays for one lock and one
/// wake-up per round, not per element. In the middle of a round it may take what is express.
final class WorkQueue<Element: Sendable>: Sendable {
    private struct State {
        var express: [Element] = []
        var waiting: [Element] = []
        var isClosed = false
        /// Until the receiver takes something.
        var isUrgent = false

        var count: Int { express.count + waiting.count }
    }

    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)
    private let capacity: Int

    /// - Parameter capacity: how many elements may wait; a sender beyond that is refused.
    init(capacity: Int) {
        self.capacity = capacity
    }

    enum SendResult {
        case sent
        case full
        case closed
    }

    /// - Parameters:
    ///   - isExpress: whether the element overtakes those that are not.
    ///   - evenIfFull: for news from within, which nobody can send again.
    func send(
        _ element: Element, isExpress: Bool = false, evenIfFull: Bool = false
    ) -> SendResult {
        let (result, wasEmpty) = state.withLock { state -> (SendResult, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            guard evenIfFull || state.count < capacity else { return (.full, false) }
            if isExpress { state.express.append(element) } else { state.waiting.append(element) }
            return (.sent, state.count == 1)
        }
        if wasEmpty { arrivals.signal() }
        return result
    }

    /// Everything that waits, what is express first, each in order; blocks while nothing does. `nil` once
    /// closed and drained.
    ///
    /// - Parameter patience: after so long with nothing it returns with nothing.
    func receiveAll(patience: DispatchTimeInterval = .never) -> [Element]? {
        while true {
            let taken = takeAll()
            guard taken?.isEmpty == true else { return taken }
            guard case .success = arrivals.wait(timeout: .now() + patience) else { return [] }
        }
    }

    /// Lets work gather for so long, unless the queue is closed or somebody is in a hurry; takes nothing.
    func rest(for patience: DispatchTimeInterval) {
        let deadline = DispatchTime.now() + patience
        while !state.withLock({ $0.isClosed || $0.isUrgent }) {
            // An arrival that is noticed here is found by the next `receiveAll`, which looks first.
            guard case .success = arrivals.wait(timeout: deadline) else { return }
        }
    }

    /// The same, and whether the queue is closed then.
    func isClosed(within patience: DispatchTimeInterval) -> Bool {
        rest(for: patience)
        return state.withLock { $0.isClosed }
    }

    /// Ends the receiver's rest, or leaves its next one out: somebody waits for what was sent.
    func hurry() {
        state.withLock { $0.isUrgent = true }
        arrivals.signal()
    }

    /// The same without blocking: nothing while nothing waits.
    func takeAll() -> [Element]? {
        state.withLock { state in
            if state.count == 0, state.isClosed { return nil }
            if state.count > 0 { state.isUrgent = false }
            var taken: [Element] = []
            swap(&taken, &state.express)
            // As a rule all is of one lane: then nothing is copied.
            if taken.isEmpty { swap(&taken, &state.waiting) } else { taken += state.waiting }
            state.waiting.removeAll(keepingCapacity: true)
            return taken
        }
    }

    /// What is express, in order; nothing while there is none, also when the queue is closed.
    func takeExpress() -> [Element] {
        state.withLock { state in
            var taken: [Element] = []
            swap(&taken, &state.express)
            return taken
        }
    }

    /// Whether something waits or the queue is closed.
    var hasNews: Bool { state.withLock { $0.count > 0 || $0.isClosed } }

    /// Refuses further elements; the receiver ends after what already waits.
    func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
    }
}
