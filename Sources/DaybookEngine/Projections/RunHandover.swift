import DaybookCore
import DaybookDecisions
import DaybookProjections
import Dispatch

/// Hands runs of facts to whoever projects them, while the next run is decoded.
///
/// One run is projected at a time, in order; at most two are in memory. Confined to who decodes.
final class RunHandover {
    private let body: Confined<([FactBatch], Checkpoint) throws -> Bool>
    private let queue: DispatchQueue?
    private var pending: Pending?

    /// - Parameters:
    ///   - inParallel: whether to project on another thread, as long as there is more to decode.
    ///   - body: projects a run; returns whether to go on.
    init(inParallel: Bool, _ body: @escaping ([FactBatch], Checkpoint) throws -> Bool) {
        self.body = Confined(body)
        queue = inParallel ? DispatchQueue(label: "daybook.projecting") : nil
    }

    /// - Parameter isLast: nothing is to be decoded behind it, so that another thread would only cost.
    /// - Returns: whether to go on, as far as is known.
    /// - Throws: what projecting this run, or the one before, has thrown.
    func project(
        _ run: [FactBatch], _ checkpoint: Checkpoint, isLast: Bool
    ) throws -> Bool {
        guard try finish() else { return false }
        guard let queue, !isLast else { return try body.value(run, checkpoint) }
        let next = Pending()
        pending = next
        let body = body
        queue.async(group: next.group) {
            next.result = Result { try body.value(run, checkpoint) }
        }
        return true
    }

    /// Waits for the run that is being projected, if there is one.
    func finish() throws -> Bool {
        guard let pending else { return true }
        pending.group.wait()
        self.pending = nil
        return try pending.result.get()
    }

    /// What becomes of one run.
    // Unchecked: written before the group is left, read behind it.
    private final class Pending: @unchecked Sendable {
        let group = DispatchGroup()
        var result: Result<Bool, any Error> = .success(true)
    }
}
