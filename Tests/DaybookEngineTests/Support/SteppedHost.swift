import DaybookEngine
import Synchronization
import Testing

/// The engine's loops and the tasks of its callers on the thread of a test, each going on only when the test
/// says so.
final class SteppedHost: TaskExecutor, EngineHost {
    let isParallel = false
    private let jobs = Mutex<[UnownedJob]>([])
    private var loops: [EngineLoop] = []

    var executor: (any TaskExecutor)? { self }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    func start(_ loop: EngineLoop) -> @Sendable () -> Void {
        loops.append(loop)
        return { [self] in
            while loop.step() {}
            loops.removeAll { $0 === loop }
        }
    }

    /// Begins a task and goes on with it until it waits.
    func begin<Value: Sendable>(
        _ body: @escaping @Sendable () async -> Value
    ) -> SteppedAnswer<Value> {
        let answer = SteppedAnswer<Value>()
        Task(executorPreference: self) {
            let value = await body()
            answer.set(value)
        }
        runTasks()
        return answer
    }

    /// Does all of a task.
    func finish<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let answer = begin { () -> Result<Value, any Error> in
            do {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        runAll()
        return try #require(answer.value, "the task waits for ever").get()
    }

    /// One step of a loop, and what the tasks do about it.
    func step(_ name: String) {
        for loop in loops where loop.name == name { _ = loop.step() }
        runTasks()
    }

    /// Steps of a loop until it finds no work.
    func runLoop(_ name: String) {
        while loops.contains(where: { $0.name == name && $0.hasNews }) { step(name) }
    }

    /// Everything, until there is nothing to do.
    func runAll() {
        runTasks()
        while let loop = loops.first(where: \.hasNews) {
            if !loop.step() { loops.removeAll { $0 === loop } }
            runTasks()
        }
    }

    private func runTasks() {
        while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

/// Unchecked: one thread uses it, and executors and hosts must be `Sendable`.
extension SteppedHost: @unchecked Sendable {}

/// What a task has given, once it has.
final class SteppedAnswer<Value: Sendable>: Sendable {
    private let answer = Mutex<Value?>(nil)

    var value: Value? { answer.withLock { $0 } }

    func set(_ value: Value) { answer.withLock { $0 = value } }
}
