package import DaybookCore
internal import Synchronization

extension LogReader {
    /// The batch that holds a position; `nil` beyond the head and at 0.
    package func batch(containing position: LogPosition) throws(EventLogError) -> RecordedBatch? {
        try visitBatch(containing: position, BatchTables()) { batch in try batch.recorded() }
    }

    /// Who recorded the batch that holds a position, and when; its events are not read. `nil` beyond the
    /// head and at 0.
    package func metadata(
        ofBatchHolding position: LogPosition, _ tables: BatchTables = BatchTables()
    ) throws(EventLogError) -> BatchMetadata? {
        try visitBatch(containing: position, tables) { batch in try batch.metadata() }
    }

    /// The same with the batch's number and where it ends.
    package func head(
        ofBatchHolding position: LogPosition, _ tables: BatchTables = BatchTables()
    ) throws(EventLogError) -> BatchHead? {
        try visitBatch(containing: position, tables) { batch in try batch.head() }
    }

    /// The events that match, from `from` to `through` (both inclusive).
    ///
    /// - Parameters:
    ///   - direction: backwards begins at the end of the range.
    ///   - limit: at most so many; `nil` for all.
    /// - Throws: `.invalidQuery`, `.damaged`, `.io`.
    /// - Complexity: O(result) frames, and some blocks of 4 KiB a sealed segment. The first query
    ///   by tag or type steps through the active segment, the second one reads all its tags into memory;
    ///   a sealed segment that has no index is read once.
    package func read(
        _ query: Query, from: LogPosition? = nil, through: LogPosition? = nil,
        direction: ReadDirection = .forwards, limit: Int? = nil
    ) throws(EventLogError) -> [RecordedEvent] {
        try query.checkAskable()
        let query = query.including(formerNames: upcasters.formerNames)
        let end = head.position
        let first = max(from ?? .start, LogPosition(rawValue: 1))
        let last = min(through ?? end, end)
        let limit = limit ?? .max
        guard first <= last, limit > 0 else { return [] }
        if query == .all {
            switch direction {
            case .forwards: return try readForwards(first, last, limit)
            case .backwards: return try readBackwards(first, last, limit)
            }
        }
        return try readIndexed(query, first, last, direction, limit)
    }

    private func readForwards(_ first: LogPosition, _ last: LogPosition, _ limit: Int)
        throws(EventLogError) -> [RecordedEvent]
    {
        var events: [RecordedEvent] = []
        try translatingDefects {
            try forEachBatch(from: first, through: last) { batch in
                try batch.forEachEvent { event in
                    guard event.position >= first, event.position <= last, events.count < limit
                    else { return }
                    events.append(try event.recorded())
                }
                return events.count < limit
            }
        }
        return events
    }

    private func readBackwards(_ first: LogPosition, _ last: LogPosition, _ limit: Int)
        throws(EventLogError) -> [RecordedEvent]
    {
        var events: [RecordedEvent] = []
        var position = last
        while position >= first, events.count < limit {
            guard let batch = try batch(containing: position) else {
                throw LogReader.missing(position)
            }
            invariant(
                batch.firstPosition <= position,
                "LogReader: each step back is at least one position")
            for event in batch.events.reversed()
            where event.position >= first && event.position <= last && events.count < limit {
                events.append(event)
            }
            position = LogPosition(rawValue: batch.firstPosition.rawValue - 1)
        }
        return events
    }

    private func visitBatch<Result>(
        containing position: LogPosition, _ tables: BatchTables,
        _ body: (borrowing BatchView) throws -> Result
    ) throws(EventLogError) -> Result? {
        guard let frame = try cachedFrame(holding: position) else { return nil }
        return try translatingDefects {
            try frame.visit(
                batch: frame.batchIndex(holding: position), tables: tables, body)
        }
    }

    func cachedFrame(holding position: LogPosition) throws(EventLogError) -> CachedFrame? {
        if let cached = cache.withLock({ $0.frame(holding: position) }) { return cached }
        let loaded = try frame(holding: position) { found, scan throws(EventLogError) in
            let raw = try scan.raw(of: found)
            do {
                return try CachedFrame(found.header, raw: raw)
            } catch {
                throw LogReader.damage(found, "content(\(error))")
            }
        }
        if let loaded {
            invariant(
                loaded.header.holds(position), "LogReader: a frame is kept for what it holds")
            cache.withLock { $0.insert(loaded) }
        }
        return loaded
    }

    /// A durable position that no frame of the segments says it holds.
    static func missing(_ position: LogPosition) -> EventLogError {
        EventLogError(
            .damaged, "no frame holds position \(position); run verify, then repair",
            positions: position...position)
    }

    /// Content defects inside become `.damaged`.
    func translatingDefects<Result>(_ body: () throws -> Result) throws(EventLogError) -> Result {
        do {
            return try body()
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.damaged, "a batch is not what the format says: \(error)")
        }
    }
}
