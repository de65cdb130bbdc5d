internal import DaybookCore
internal import Synchronization

/// Wakes subscribers when events became durable.
final class HeadSignal: Sendable {
    private struct State {
        var head: LogPosition
        var end: Result<Void, EventLogError>?
        var waiters:
            [UInt64: (beyond: LogPosition, continuation: CheckedContinuation<Bool, any Error>)] =
                [:]
        var nextWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    init(head: LogPosition) {
        state = Mutex(State(head: head))
    }

    /// Tells that everything up to `head` is durable.
    func advance(to head: LogPosition) {
        let woken = state.withLock { state in
            state.head = head
            // In the order in which they came, whatever the table's order is.
            let ready = state.waiters.filter { $0.value.beyond < head }.keys.sorted()
            return ready.compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
        }
        for continuation in woken { continuation.resume(returning: true) }
    }

    /// No more will come.
    func finish(_ end: Result<Void, EventLogError>) {
        let woken = state.withLock { state in
            state.end = state.end ?? end
            return state.waiters.keys.sorted().compactMap {
                state.waiters.removeValue(forKey: $0)?.continuation
            }
        }
        for continuation in woken { resume(continuation, end) }
    }

    /// Waits until something beyond a position is durable.
    ///
    /// - Returns: `false` when the log was closed or the task cancelled, and nothing more will
    ///   come.
    func wait(beyond position: LogPosition) async throws -> Bool {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Now { case wait, ready, ended(Result<Void, EventLogError>) }
                let now = state.withLock { state -> Now in
                    if state.head > position { return .ready }
                    if let end = state.end { return .ended(end) }
                    if Task.isCancelled { return .ended(.success(())) }
                    state.waiters[number] = (position, continuation)
                    return .wait
                }
                switch now {
                case .wait: break
                case .ready: continuation.resume(returning: true)
                case .ended(let end): resume(continuation, end)
                }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(returning: false)
        }
    }

    private func resume(
        _ continuation: CheckedContinuation<Bool, any Error>, _ end: Result<Void, EventLogError>
    ) {
        switch end {
        case .success: continuation.resume(returning: false)
        case .failure(let error): continuation.resume(throwing: error)
        }
    }
}
