internal import Synchronization

/// Runs asynchronous work on one thread and lets the choices decide which of the tasks that are ready
/// goes on: concurrency that is the same for the same choices, and shrinks with them.
///
/// Tasks that wait for threads of others, such as those of a real log, are waited for; which of them
/// answers first is then up to the machine.
public enum Interleaving {
    /// Seconds after which tasks that all wait for something are taken to wait for ever.
    static let patience = 30

    /// Runs `body` and the tasks that it starts until it returns.
    ///
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, ``Discard`` when there were too many choices, or ``StuckWork``.
    public static func run<Result: Sendable>(
        _ choices: Choices, _ body: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let executor = ChosenExecutor()
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        let box = OutcomeBox(outcome)
        Task(executorPreference: executor) {
            do {
                let value = try await body()
                box.outcome.withLock { $0 = .success(value) }
            } catch {
                box.outcome.withLock { $0 = .failure(error) }
            }
            executor.finish()
        }
        try executor.runJobs(choices)
        guard let result = box.outcome.withLock({ $0 }) else {
            throw Discard(reason: "the work did not end")
        }
        return try result.get()
    }
}

/// The tasks of a case all wait, and nothing has come for half a minute: they wait for each other.
public struct StuckWork: Error, CustomStringConvertible, Sendable {
    public var description: String {
        "all tasks wait, and nothing came for \(Interleaving.patience) s: they wait for each other"
    }
}

private final class OutcomeBox<Value: Sendable>: Sendable {
    let outcome: Mutex<Result<Value, any Error>?>

    init(_ outcome: consuming Mutex<Result<Value, any Error>?>) {
        self.outcome = outcome
    }
}

/// Keeps the jobs that are ready until they are chosen.
private final class ChosenExecutor: TaskExecutor {
    private let state = Mutex<(ready: [UnownedJob], isFinished: Bool)>(([], false))
    private let signal = Signal()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
        signal.wake()
    }

    func finish() {
        state.withLock { $0.isFinished = true }
        signal.wake()
    }

    private enum Next {
        case job(UnownedJob)
        case wait
        case done
    }

    func runJobs(_ choices: Choices) throws {
        // A choice that cannot be made must not leave tasks behind: they go on in order.
        var failure: (any Error)?
        while true {
            let count = state.withLock { $0.ready.count }
            var index = 0
            if count > 1, failure == nil {
                do { index = try choices.below(count) } catch { failure = error }
            }
            let next = state.withLock { state -> Next in
                if !state.ready.isEmpty { return .job(state.ready.remove(at: index)) }
                return state.isFinished ? .done : .wait
            }
            switch next {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .wait:
                guard signal.sleep(seconds: Interleaving.patience) else { throw StuckWork() }
            case .done:
                if let failure { throw failure }
                return
            }
        }
    }
}
