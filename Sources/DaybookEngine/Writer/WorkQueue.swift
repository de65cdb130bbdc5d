import Dispatch
import Synchronization

/// Hands elements from many senders to one receiving thread, in order.
///
/// The receiver takes everything that waits at once, so a busy receiver pays for one lock and one
/// wake-up per round, not per element.
final class WorkQueue<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isClosed = false
        /// Until the receiver takes something.
        var isUrgent = false
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

    /// - Parameter evenIfFull: for news from within, which nobody can send again.
    func send(_ element: Element, evenIfFull: Bool = false) -> SendResult {
        let (result, wasEmpty) = state.withLock { state -> (SendResult, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            guard evenIfFull || state.waiting.count < capacity else { return (.full, false) }
            state.waiting.append(element)
            return (.sent, state.waiting.count == 1)
        }
        if wasEmpty { arrivals.signal() }
        return result
    }

    /// Everything that waits, in order; blocks while nothing does. `nil` once closed and drained.
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
            if state.waiting.isEmpty, state.isClosed { return nil }
            if !state.waiting.isEmpty { state.isUrgent = false }
            let taken = state.waiting
            state.waiting.removeAll(keepingCapacity: true)
            return taken
        }
    }

    /// Whether something waits or the queue is closed.
    var hasNews: Bool { state.withLock { !$0.waiting.isEmpty || $0.isClosed } }

    /// Refuses further elements; the receiver ends after what already waits.
    func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
    }
}
