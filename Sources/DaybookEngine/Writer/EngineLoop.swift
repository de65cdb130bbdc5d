import DaybookLog
import Dispatch
import Foundation

/// One of the engine's loops (deciding, committing, projecting), cut where it would wait for work.
///
/// Confined to whoever runs it: a thread of its own in production, the one loop of the world in a
/// simulation. Unchecked, because the compiler cannot see that it is handed over once.
package final class EngineLoop: @unchecked Sendable {
    package let name: String
    private let waiting: () -> Bool
    private let turn: (_ isBlocking: Bool) -> Bool
    private let end: () -> Void
    private let rest: () -> Void

    /// - Parameters:
    ///   - rest: between two rounds of a thread, so that work gathers; the first of a burst is done at once
    ///     all the same, and a queue that is closed or in a hurry is not kept waiting. The loop of a world
    ///     never rests.
    ///   - patience: after so long with no work, `perform` is called with none.
    ///   - isUnfinished: whether `perform` has left something of its round undone. It is called again at once
    ///     then, with what is express and nothing else; the world may do something else in between.
    ///   - perform: does everything that waits, in order, or begins to.
    ///   - end: called once, when the queue is closed and drained.
    init<Element>(
        _ name: String, queue: WorkQueue<Element>, rest: DispatchTimeInterval? = nil,
        patience: @escaping () -> DispatchTimeInterval = { .never },
        isUnfinished: @escaping () -> Bool = { false },
        perform: @escaping ([Element]) -> Void, end: @escaping () -> Void
    ) {
        self.name = name
        self.end = end
        self.rest = { if let rest { queue.rest(for: rest) } }
        waiting = { isUnfinished() || queue.hasNews }
        turn = { isBlocking in
            guard !isUnfinished() else {
                perform(queue.takeExpress())
                return true
            }
            let elements =
                isBlocking ? queue.receiveAll(patience: patience()) : queue.takeAll()
            guard let elements else { return false }
            perform(elements)
            return true
        }
    }

    /// Whether a step would find work, or find that there is no more to come.
    package var hasNews: Bool { waiting() }

    /// Does what waits now; with nothing waiting, as if the loop's patience had run out.
    ///
    /// - Returns: `false` when no more will come; the loop has ended then.
    package func step() -> Bool {
        if turn(false) { return true }
        end()
        return false
    }

    /// Runs until no more comes. Blocks.
    func run() {
        while turn(true) { rest() }
        end()
    }
}

/// Who runs the engine's loops: threads, or a simulated world.
package protocol EngineHost: Sendable {
    /// Whether one step may use several threads.
    var isParallel: Bool { get }
    /// Where tasks run that no caller waits for; `nil`: where all tasks run.
    var executor: (any TaskExecutor)? { get }

    /// Begins to run a loop.
    ///
    /// - Returns: waits, once the loop's queue is closed, until it has ended.
    func start(_ loop: EngineLoop) -> @Sendable () -> Void
}

/// A thread for every loop.
struct ThreadHost: EngineHost {
    let isParallel = true
    let executor: (any TaskExecutor)? = nil

    func start(_ loop: EngineLoop) -> @Sendable () -> Void {
        let finished = DispatchSemaphore(value: 0)
        let thread = Thread {
            WorkerThread.nameThisOne(loop.name)
            loop.run()
            finished.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
        return {
            finished.wait()
            // For whoever waits after us.
            finished.signal()
        }
    }
}
