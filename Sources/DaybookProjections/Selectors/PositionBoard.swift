package import DaybookCore
internal import Synchronization

/// Where projector threads announce how far they are, and selectors of the same process wait for
/// it.
///
/// Nobody polls: a waiter is resumed by the announcement, or by the time-out.
package final class PositionBoard: PositionSignal {
    private struct Waiter {
        var model: ReadModelName
        var position: LogPosition
        /// `nil` until the waiting task has suspended.
        var continuation: CheckedContinuation<Void, Never>?
        var isExpired = false
    }

    private struct State {
        var reached: [ReadModelName: LogPosition] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        var hurry: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())
    private let pause: @Sendable (Duration) async -> Void

    /// - Parameter pause: suspends for a duration; ends early when its task is cancelled.
    package init(
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.pause = pause
    }

    /// - Parameter body: called whenever somebody begins to wait, so that the projectors do not rest.
    package func whenAwaited(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.hurry = body }
    }

    /// Announces that the model's rows and checkpoint stand at the position, durable for readers.
    package func publish(_ model: ReadModelName, at position: LogPosition) {
        let ready = state.withLock { state in
            state.reached[model] = position
            // Nothing depends on the order in which they are resumed.
            let numbers = state.waiters.filter {
                $0.value.model == model && $0.value.position <= position
                    && $0.value.continuation != nil
            }.map(\.key)
            return numbers.compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
        }
        for continuation in ready { continuation.resume() }
    }

    package func wait(
        for model: ReadModelName, toReach position: LogPosition, atMost timeout: Duration
    ) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = Waiter(model: model, position: position)
            return state.nextWaiter
        }
        let timer = Task { [weak self, pause] in
            await pause(timeout)
            self?.wake(number)
        }
        await withCheckedContinuation { continuation in
            let (isThere, hurry) = state.withLock { state in
                let isReached = state.reached[model].map { $0 >= position } ?? false
                let isExpired = state.waiters[number]?.isExpired ?? true
                guard isReached || isExpired || Task.isCancelled else {
                    state.waiters[number]?.continuation = continuation
                    return (false, state.hurry)
                }
                state.waiters[number] = nil
                return (true, state.hurry)
            }
            if isThere { continuation.resume() } else { hurry() }
        }
        timer.cancel()
    }

    private func wake(_ number: UInt64) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiters[number] else { return nil }
            guard let continuation = waiter.continuation else {
                state.waiters[number]?.isExpired = true
                return nil
            }
            state.waiters[number] = nil
            return continuation
        }
        continuation?.resume()
    }
}
