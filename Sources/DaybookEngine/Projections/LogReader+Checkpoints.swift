import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections

extension LogReader {
    /// The checkpoint of a consumer that has finished a durable batch.
    func checkpoint(after batch: FactBatch) throws -> Checkpoint {
        guard let chain = try chain(at: batch.lastPosition) else {
            preconditionFailure("LogReader: a checkpoint beyond the head")
        }
        return Checkpoint(
            logID: logID, position: batch.lastPosition, batchNumber: batch.number, chain: chain)
    }

    /// What read models are held against.
    var identity: LogIdentity {
        LogIdentity(logID: logID, head: head.position) { position in
            // Unreadable here means unproven; the read model is then set aside, never trusted.
            try? self.chain(at: position)
        }
    }
}
