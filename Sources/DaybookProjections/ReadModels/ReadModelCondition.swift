package import DaybookCore

/// In which condition a read model's file was found.
///
/// Source: LOG.md, faults 54 to 57.
package enum ReadModelCondition: Hashable, Sendable {
    /// Usable. When the checkpoint is behind the log, the projector catches up from it.
    case ready(Checkpoint)
    /// There is no file: build one from the log.
    case missing
    /// Not a database, torn, or inconsistent: set it aside and rebuild.
    case damaged(reason: String)
    /// Cannot be looked at now (a full disk, a lock, no permission): proves nothing, left as it is.
    case unavailable(reason: String)
    /// Written by a program with other tables: set it aside and rebuild.
    case otherSchema(reason: String)
    /// Projected from another log, or from another history of this one: set it aside, rebuild,
    /// warn.
    case otherLog(found: Checkpoint)
    /// Knows events that the log does not have. It proves that acknowledged events are missing, so
    /// it must never be answered by a rebuild alone.
    case ahead(checkpoint: Checkpoint, head: LogPosition)
}

/// What a read model is held against when it is opened.
package struct LogIdentity {
    package var logID: LogID
    /// The last durable position.
    package var head: LogPosition
    /// The hash of the frame that ends at the position, `nil` when no frame ends there.
    package var chain: (LogPosition) -> Digest?

    package init(
        logID: LogID, head: LogPosition, chain: @escaping (LogPosition) -> Digest?
    ) {
        self.logID = logID
        self.head = head
        self.chain = chain
    }

    /// Judges a checkpoint that was read from a sound file.
    package func condition(of checkpoint: Checkpoint) -> ReadModelCondition {
        guard checkpoint.logID == logID else { return .otherLog(found: checkpoint) }
        guard checkpoint.position <= head else {
            return .ahead(checkpoint: checkpoint, head: head)
        }
        guard checkpoint.position > .start else { return .ready(checkpoint) }
        return chain(checkpoint.position) == checkpoint.chain
            ? .ready(checkpoint) : .otherLog(found: checkpoint)
    }
}
