import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections

/// Hands runs of facts to those who project them, while the next run is decoded.
///
/// Each of them projects one run at a time, in order, and is at most one run ahead of the slowest, so that at most
/// two runs are in memory. Confined to who decodes.
final class RunHandover {
    /// Projects a run; returns whether it wants more.
    typealias Body = ([FactBatch], Checkpoint) throws -> Bool

    private let bodies: [Body]
    private let isParallel: Bool
    /// Nobody has failed or has enough, as far as is known.
    private var goesOn = true
    /// What each is projecting, or has projected last.
    private var pending: [WorkAside<Bool>?]
    /// Those that have done what they were given, in the order in which they did.
    private let free: Monitor<[Int]>

    /// - Parameters:
    ///   - inParallel: whether to project on other threads, as long as there is more to decode.
    ///   - bodies: at least one.
    init(inParallel: Bool, _ bodies: [Body]) {
        self.bodies = bodies
        isParallel = inParallel
        pending = bodies.map { _ in nil }
        free = Monitor(Array(bodies.indices))
    }

    /// Hands a run to each as soon as it has done the one before; all have done that one when this returns.
    ///
    /// - Parameter isLast: nothing is to be decoded behind it, so that one of the threads would only cost.
    /// - Returns: whether to go on, as far as is known.
    /// - Throws: what projecting this run, or the one before, has thrown.
    /// - Precondition: it went on until now: who has failed or has enough takes no more.
    func project(
        _ run: [FactBatch], _ checkpoint: Checkpoint, isLast: Bool
    ) throws -> Bool {
        precondition(goesOn, "RunHandover: it is over")
        goesOn = false
        var isWanted = true
        var waiting = Array(bodies.indices)
        while !waiting.isEmpty {
            let index = takeFree(&waiting)
            guard try finish(index) else { return false }
            let body = bodies[index]
            if isParallel, !isLast || !waiting.isEmpty {
                pending[index] = WorkAside("runs") { [free] in
                    defer { free.change { $0.append(index) } }
                    return try body(run, checkpoint)
                }
            } else {
                isWanted = try body(run, checkpoint) && isWanted
                free.change { $0.append(index) }
            }
        }
        goesOn = isWanted
        return goesOn
    }

    /// Waits for the runs that are being projected.
    ///
    /// - Returns: whether all want more.
    /// - Throws: the first of the errors; the others had their turn.
    func finish() throws -> Bool {
        let results = bodies.indices.map { index in Result { try finish(index) } }
        return try results.reduce(true) { goesOn, result in try result.get() && goesOn }
    }

    /// The first to be free of those that wait for the run.
    private func takeFree(_ waiting: inout [Int]) -> Int {
        let found = free.wait { free in
            free.firstIndex(where: waiting.contains).map { free.remove(at: $0) }
        }
        guard let found else { preconditionFailure("RunHandover: each is free at some time") }
        waiting.removeAll { $0 == found }
        return found
    }

    private func finish(_ index: Int) throws -> Bool { try pending[index].take()?.wait() ?? true }
}

extension ReadModelRebuild {
    /// Takes runs until an error.
    var feeding: RunHandover.Body {
        { run, checkpoint in
            try self.feed(run, checkpoint: checkpoint)
            return true
        }
    }
}
