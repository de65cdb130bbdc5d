import DaybookCore
import DaybookDecisions
import DaybookProjections

/// Hands runs of facts to whoever projects them, while the next run is decoded.
///
/// One run is projected at a time, in order; at most two are in memory. Confined to who decodes.
final class RunHandover {
    private let body: ([FactBatch], Checkpoint) throws -> Bool
    private let isParallel: Bool
    private var pending: WorkAside<Bool>?

    /// - Parameters:
    ///   - inParallel: whether to project on another thread, as long as there is more to decode.
    ///   - body: projects a run; returns whether to go on.
    init(inParallel: Bool, _ body: @escaping ([FactBatch], Checkpoint) throws -> Bool) {
        self.body = body
        isParallel = inParallel
    }

    /// - Parameter isLast: nothing is to be decoded behind it, so that another thread would only cost.
    /// - Returns: whether to go on, as far as is known.
    /// - Throws: what projecting this run, or the one before, has thrown.
    func project(
        _ run: [FactBatch], _ checkpoint: Checkpoint, isLast: Bool
    ) throws -> Bool {
        guard try finish() else { return false }
        guard isParallel, !isLast else { return try body(run, checkpoint) }
        let body = body
        pending = WorkAside("runs") { try body(run, checkpoint) }
        return true
    }

    /// Waits for the run that is being projected, if there is one.
    func finish() throws -> Bool {
        try pending.take()?.wait() ?? true
    }
}
