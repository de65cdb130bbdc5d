import DaybookCore
import DaybookProjections
import Foundation
import Synchronization

/// The thread that keeps the read models up with the log, and whom to tell when they are.
final class ProjectionThread: Sendable {
    private struct Waiter {
        var position: LogPosition
        var resume: @Sendable (DaybookError?) -> Void
    }

    private struct State {
        var position: LogPosition
        var waiters: [Waiter] = []
        var hasEnded = false
    }

    private let queue = WorkQueue<LogPosition>(capacity: .max)
    private let state: Mutex<State>
    private let finished = DispatchSemaphore(value: 0)

    /// - Parameter models: handed over; the thread closes them when it ends.
    init(models: ReadModelSet) {
        state = Mutex(State(position: models.position))
        // Foundation lets go of a thread's block after libdispatch has cleaned up for that thread;
        // the databases' queues must be gone by then, so the thread itself lets go of the models.
        nonisolated(unsafe) var models: ReadModelSet? = models
        let thread = Thread { [self] in
            guard let confined = models else { return }
            while queue.receiveAll() != nil {
                do throws(DaybookError) {
                    try confined.catchUp()
                    advance(to: confined.position, failure: nil)
                } catch {
                    // Tried again at the next commit; whoever waits is told now.
                    advance(to: confined.position, failure: error)
                }
            }
            var failure: DaybookError?
            do throws(DaybookError) { try confined.close() } catch { failure = error }
            state.withLock { $0.hasEnded = true }
            advance(to: confined.position, failure: failure ?? .closed)
            models = nil
            finished.signal()
        }
        thread.name = "daybook-projections"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// The position that every read model has reached.
    var position: LogPosition { state.withLock { $0.position } }

    /// The log has grown.
    func project(through position: LogPosition) {
        // Full cannot happen, and closed means that the thread has ended already.
        _ = queue.send(position)
    }

    /// Waits until the read models hold everything through a position.
    func wait(for position: LogPosition) async throws(DaybookError) {
        let failure: DaybookError? = await withCheckedContinuation { continuation in
            let immediate: DaybookError?? = state.withLock { state in
                if state.position >= position { return .some(nil) }
                if state.hasEnded { return .some(.closed) }
                state.waiters.append(
                    Waiter(position: position) { continuation.resume(returning: $0) })
                return nil
            }
            if let immediate {
                continuation.resume(returning: immediate)
            } else {
                project(through: position)
            }
        }
        if let failure { throw failure }
    }

    private func advance(to position: LogPosition, failure: DaybookError?) {
        let ready = state.withLock { state in
            state.position = position
            let ready = state.waiters.filter { $0.position <= position || failure != nil }
            state.waiters.removeAll { $0.position <= position || failure != nil }
            return ready
        }
        for waiter in ready { waiter.resume(waiter.position <= position ? nil : failure) }
    }

    /// Catches up with what is durable, closes the files, ends the thread. Blocks.
    func stop() {
        queue.close()
        finished.wait()
    }
}
