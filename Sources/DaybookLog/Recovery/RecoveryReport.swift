public import DaybookCore

/// What opening a log found and did; loss is never silent.
public struct RecoveryReport: Hashable, Sendable {
    public var logID: LogID
    public var segmentCount: Int
    /// The head that the log goes on from.
    public var head: LogHead
    /// This writer's number; each open takes the next one.
    public var writerEpoch: UInt32
    /// The log was closed in good order.
    public var wasClean: Bool
    /// Complete frames that no mark vouched for: written and synced again, then kept.
    public var rewrittenByteCount: UInt64 = 0
    /// The residue of a write that was never acknowledged, and where it was copied to.
    public var quarantined: Quarantined?
    /// A crash had interrupted the change to the next segment, which was completed.
    public var finishedRotation = false
    /// An earlier run had met an I/O error: the log goes on in a fresh segment.
    public var continuedAfterFailure = false
    /// One of the two mark slots was unreadable and is written anew.
    public var restoredMarkSlot = false
    /// No mark was readable; the evidence handed in proved that the end is the end.
    public var restoredMark = false
    /// An interrupted or just decided repair was completed and recorded in the log.
    public var recordedRepair = false
    /// Consumers whose checkpoint is not of this log; their data must be built anew.
    public var foreignEvidence: [String] = []
    /// Left-over files of an interrupted rotation that were removed.
    public var removedFiles: [String] = []

    public struct Quarantined: Hashable, Sendable {
        public var file: String
        public var segment: UInt64
        public var byteRange: Range<UInt64>
    }

    init(logID: LogID, segmentCount: Int, head: LogHead, writerEpoch: UInt32, wasClean: Bool) {
        self.logID = logID
        self.segmentCount = segmentCount
        self.head = head
        self.writerEpoch = writerEpoch
        self.wasClean = wasClean
    }
}

extension RecoveryReport: CustomStringConvertible {
    /// One line, for the log file.
    public var description: String {
        var text =
            "opened \(logID) at position \(head.position), batch \(head.batchNumber), "
            + "epoch \(writerEpoch)"
        text += wasClean ? ", closed cleanly before" : ", not closed cleanly before"
        if rewrittenByteCount > 0 { text += ", wrote \(rewrittenByteCount) bytes again" }
        if let quarantined {
            text +=
                ", moved a torn write of \(quarantined.byteRange.count) bytes "
                + "(segment \(quarantined.segment), byte \(quarantined.byteRange.lowerBound)) to "
                + quarantined.file
        }
        if finishedRotation { text += ", completed an interrupted rotation" }
        if continuedAfterFailure { text += ", went on in a fresh segment after an I/O error" }
        if recordedRepair { text += ", recorded a repair" }
        if restoredMarkSlot { text += ", WARNING: one mark slot was unreadable" }
        if restoredMark { text += ", WARNING: no mark was readable, evidence agreed" }
        if !foreignEvidence.isEmpty {
            text += ", WARNING: not of this log: " + foreignEvidence.joined(separator: ", ")
        }
        return text
    }
}

/// What a consumer knows about the log: a read model's or a signed checkpoint's position.
public struct RecoveryEvidence: Hashable, Sendable {
    /// For messages, for example `orders.sqlite`.
    public var name: String
    public var position: LogPosition
    /// `LogReader.chain(at: position)` when it was recorded.
    public var chain: Digest

    public init(name: String, position: LogPosition, chain: Digest) {
        self.name = name
        self.position = position
        self.chain = chain
    }
}
