package import DaybookCore

extension EventType {
    /// The event that stands at a position whose event was given up, so that positions stay dense
    /// and none ever means something else. It has no tags and no payload.
    package static let positionLost: EventType = "PositionLost"
}

/// Fills positions that were given up with events that say so.
struct LostPositions {
    let end: RepairJournal.LossEnd
    let note: LogNote

    /// The command of the batches.
    static let command = "AcceptLoss"
    /// More is not a loss that can be filled; a backup is the way then.
    static let limit: UInt64 = 1 << 24

    /// Events in one batch, so that it stays below the limit of a batch.
    private static let batchLimit: UInt64 = 1 << 20

    /// Appends as many batches and events as are missing to the end. What an interrupted attempt
    /// appended stays.
    func fill(_ log: OpenedLog) throws(EventLogError) {
        var head = log.reader.head
        let metadata = BatchMetadata(
            recordedAt: note.decidedAt, actor: .operator(note.operatorName),
            command: LostPositions.command)
        while head.position.rawValue + 1 < end.nextPosition.rawValue {
            let positions = end.nextPosition.rawValue - head.position.rawValue - 1
            // Every batch has an event at least, and the last one takes what is left.
            let known = max(end.nextBatchNumber, head.batchNumber + 2) - head.batchNumber - 1
            let batches = min(
                positions, max(known, positions.dividedRoundingUp(by: LostPositions.batchLimit)))
            _ = try log.writer.stage(metadata) { encoder in
                for _ in 0..<(positions / batches) {
                    encoder.event(type: .positionLost, tags: []) { _ in }
                }
            }
            head.position = head.position.advanced(by: Int(positions / batches))
            head.batchNumber += 1
            if log.writer.openGroupByteCount >= 1 << 20 { try commit(log) }
        }
        try commit(log)
    }

    private func commit(_ log: OpenedLog) throws(EventLogError) {
        guard let group = log.writer.closeGroup() else { return }
        _ = try log.committer.commit(group)
    }
}

extension UInt64 {
    fileprivate func dividedRoundingUp(by divisor: UInt64) -> UInt64 {
        (self + divisor - 1) / divisor
    }
}
