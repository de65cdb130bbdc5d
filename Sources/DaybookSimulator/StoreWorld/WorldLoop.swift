import DaybookEngine

/// The one loop of a simulated world: runs the engine's loops and everybody's tasks, one step at a
/// time, in an order that its scheduler chooses. There is no thread and no clock in it.
final class WorldLoop: TaskExecutor, EngineHost {
    /// What the scheduler can do next.
    enum Candidate {
        /// A task that can go on.
        case task(Int)
        /// One of the engine's loops has work.
        case loop(Int)
        /// Somebody who waited for the outside world.
        case sleeper(Int)
    }

    let isParallel = false
    private var jobs: [UnownedJob] = []
    private var loops: [EngineLoop] = []
    private var sleepers: [CheckedContinuation<Void, Never>] = []
    private(set) var stepCount = 0

    var executor: (any TaskExecutor)? { self }

    // MARK: What is handed in

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job))
    }

    func start(_ loop: EngineLoop) -> @Sendable () -> Void {
        loops.append(loop)
        return { [self] in finish(loop) }
    }

    /// Ends until the scheduler chooses to go on: the time that the outside world takes.
    func pause() async {
        await withCheckedContinuation { sleepers.append($0) }
    }

    /// Runs a loop whose queue was closed until it has ended, as waiting for its thread would.
    private func finish(_ loop: EngineLoop) {
        guard loops.contains(where: { $0 === loop }) else { return }
        while loop.step() {}
        loops.removeAll { $0 === loop }
    }

    // MARK: Steps

    /// In an order that depends on nothing but what happened before; first comes what a quiet machine
    /// would do first.
    var candidates: [Candidate] {
        var candidates = jobs.indices.map(Candidate.task)
        for index in loops.indices where loops[index].hasNews { candidates.append(.loop(index)) }
        candidates += sleepers.indices.map(Candidate.sleeper)
        return candidates
    }

    func run(_ candidate: Candidate) {
        stepCount += 1
        switch candidate {
        case .task(let index):
            jobs.remove(at: index).runSynchronously(on: asUnownedTaskExecutor())
        case .loop(let index):
            let loop = loops[index]
            if !loop.step() { loops.removeAll { $0 === loop } }
        case .sleeper(let index): sleepers.remove(at: index).resume()
        }
    }

    /// Lets the engine's loops find that nothing came for a while: twice, since the committer syncs its mark only
    /// when the writer has not committed since it last looked.
    func idle() {
        for _ in 0..<2 {
            for loop in loops where !loop.hasNews { _ = loop.step() }
        }
    }
}

/// Unchecked: a simulation has one thread, and executors and hosts must be `Sendable`.
extension WorldLoop: @unchecked Sendable {}

/// A value of the simulation's one thread, seen by tasks that all run on it.
struct OneThread<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}
