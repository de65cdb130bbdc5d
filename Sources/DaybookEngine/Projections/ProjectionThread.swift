import DaybookCore
import DaybookProjections
import Dispatch
import Synchronization

/// The thread that keeps the read models up with the log, and whom to tell when they are.
final class ProjectionThread: Sendable {
    private let queue = WorkQueue<ProjectionWork>(capacity: .max)
    private let progress: ProjectionProgress
    private let waitForEnd: @Sendable () -> Void

    /// A run costs three transactions and every page that it touches, however small it is: rests of 4 ms
    /// let some 40 orders of 64 callers gather, and took a third of their throughput. Nobody rests while
    /// somebody waits.
    private static let rest = DispatchTimeInterval.milliseconds(50)

    /// - Parameter models: handed over; the thread closes them when it ends.
    init(models: ReadModelSet, host: any EngineHost) {
        let progress = ProjectionProgress(position: models.position)
        self.progress = progress
        // Foundation lets go of a thread's block after libdispatch has cleaned up for that thread;
        // the databases' queues must be gone by then, so the thread itself lets go of the models.
        var models: ReadModelSet? = models
        let loop = EngineLoop(
            "projections", queue: queue, rest: ProjectionThread.rest,
            perform: { work in
                guard let models else { return }
                do throws(DaybookError) {
                    try models.catchUp()
                    progress.advance(to: models.position, failure: nil)
                } catch {
                    // Tried again at the next commit; whoever waits is told now.
                    progress.advance(to: models.position, failure: error)
                }
                for case .retry(let retry) in work { retry.perform(on: models) }
            },
            end: {
                guard let confined = models else { return }
                var failure: DaybookError?
                do throws(DaybookError) { try confined.close() } catch { failure = error }
                progress.end(at: confined.position, failure: failure ?? .closed)
                models = nil
            })
        waitForEnd = host.start(loop)
    }

    /// The position that every read model has reached.
    var position: LogPosition { progress.position }

    /// The log has grown.
    func project(through position: LogPosition) {
        // Full cannot happen, and closed means that the thread has ended already.
        _ = queue.send(.catchUp(through: position))
    }

    /// Somebody waits for what is durable.
    func hurry() { queue.hurry() }

    /// Tries parked events of a read model again, behind everything that is durable.
    ///
    /// - Returns: `nil` when nothing is parked at the position.
    func retryParked(
        of name: ReadModelName, at position: LogPosition?
    ) async throws(DaybookError) -> RetryResult? {
        let result = await withCheckedContinuation { continuation in
            let retry = ParkedRetry(name: name, position: position) {
                continuation.resume(returning: $0)
            }
            if queue.send(.retry(retry)) != .sent {
                continuation.resume(returning: .failure(.closed))
            }
            hurry()
        }
        return try result.get()
    }

    /// Waits until the read models hold everything through a position.
    func wait(for position: LogPosition) async throws(DaybookError) {
        let failure: DaybookError? = await withCheckedContinuation { continuation in
            let answer = progress.answer(for: position) { continuation.resume(returning: $0) }
            switch answer {
            case .now(let failure): continuation.resume(returning: failure)
            case .later:
                project(through: position)
                hurry()
            }
        }
        if let failure { throw failure }
    }

    /// Catches up with what is durable, closes the files, ends the thread. Blocks.
    func stop() {
        queue.close()
        waitForEnd()
    }
}

/// What the projections' thread is asked for.
private enum ProjectionWork: Sendable {
    case catchUp(through: LogPosition)
    case retry(ParkedRetry)
}

/// A second try with parked events, and whom to tell.
private struct ParkedRetry: Sendable {
    var name: ReadModelName
    var position: LogPosition?
    var resume: @Sendable (Result<RetryResult?, DaybookError>) -> Void

    func perform(on models: ReadModelSet) {
        do throws(DaybookError) {
            resume(.success(try models.retryParked(of: name, at: position)))
        } catch {
            resume(.failure(error))
        }
    }
}

/// How far the read models are, and who waits for them to be further.
private final class ProjectionProgress: Sendable {
    typealias Resume = @Sendable (DaybookError?) -> Void

    enum Answer {
        case now(DaybookError?)
        case later
    }

    private struct State {
        var position: LogPosition
        var waiters: [(position: LogPosition, resume: Resume)] = []
        var hasEnded = false
    }

    private let state: Mutex<State>

    init(position: LogPosition) {
        state = Mutex(State(position: position))
    }

    var position: LogPosition { state.withLock { $0.position } }

    /// What to tell somebody who waits for a position; kept for later if it is not reached.
    func answer(for position: LogPosition, orLater resume: @escaping Resume) -> Answer {
        state.withLock { state in
            if state.position >= position { return .now(nil) }
            if state.hasEnded { return .now(.closed) }
            state.waiters.append((position, resume))
            return .later
        }
    }

    func advance(to position: LogPosition, failure: DaybookError?) {
        let ready = state.withLock { state in
            state.position = position
            let ready = state.waiters.filter { $0.position <= position || failure != nil }
            state.waiters.removeAll { $0.position <= position || failure != nil }
            return ready
        }
        for waiter in ready { waiter.resume(waiter.position <= position ? nil : failure) }
    }

    func end(at position: LogPosition, failure: DaybookError) {
        state.withLock { $0.hasEnded = true }
        advance(to: position, failure: failure)
    }
}
