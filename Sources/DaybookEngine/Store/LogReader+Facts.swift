import DaybookCore
import DaybookDecisions
import DaybookLog

extension LogReader {
    /// Hands out durable batches, decoded, in order.
    ///
    /// - Parameters:
    ///   - isParallel: a long range may be decoded by another thread, which ends before the call does.
    ///   - body: returns whether to go on.
    /// - Throws: what reading and decoding lead to, behind the batches before it; what `body` throws.
    func forEachFactBatch(
        from: LogPosition, through: LogPosition?, isParallel: Bool,
        _ body: (FactBatch) throws -> Bool
    ) throws {
        guard isParallel, isLong(from: from, through: through) else {
            try forEachBatch(from: from, through: through) { view in
                try body(try FactBatch(view, upcasters))
            }
            return
        }
        try forEachFactBatchAhead(from: from, through: through, body)
    }

    /// The same by two threads, however short the range is.
    ///
    /// Holds a bounded number of bytes, however long the log and however large a batch is.
    func forEachFactBatchAhead(
        from: LogPosition, through: LogPosition?, _ body: (FactBatch) throws -> Bool
    ) throws {
        let ahead = try ReadAhead<FactBatch>(shareCost: 256 << 10, limit: 2 << 20) { emit in
            try self.forEachBatch(from: from, through: through) { view in
                // By bytes of the log, and so many small batches are enough, too.
                emit(try FactBatch(view, self.upcasters), view.message.count + 1_024)
            }
        }
        defer { ahead.finish() }
        while true {
            let batches = try ahead.next()
            guard !batches.isEmpty else { return }
            for batch in batches {
                guard try body(batch) else { return }
            }
        }
    }

    /// All durable facts under a tag, up to a position.
    func facts(tagged tag: Tag, through position: LogPosition? = nil) throws -> [Fact] {
        var batch: RecordedBatch?
        return try read(.tag(tag), through: position).map { event in
            if batch.map({ event.position > $0.lastPosition }) ?? true {
                batch = try self.batch(containing: event.position)
            }
            return Fact(
                position: event.position,
                recordedAt: batch?.metadata.recordedAt ?? Instant(microseconds: 0),
                event: try Event(event, upcasters))
        }
    }
}
