package import DaybookCore
internal import Synchronization

extension LogReader {
    /// The batch that holds a position; `nil` beyond the head and at 0.
    package func batch(containing position: LogPosition) throws(EventLogError) -> RecordedBatch? {
        try visitBatch(containing: position, BatchTables()) { batch in try batch.recorded() }
    }

    /// The events that match, from `from` to `through` (both inclusive).
    ///
    /// - Parameters:
    ///   - direction: backwards begins at the end of the range.
    ///   - limit: at most so many; `nil` for all.
    /// - Throws: `.invalidQuery`, `.damaged`, `.io`.
    /// - Complexity: O(result), after the first query by tag or type has built the index with one
    ///   scan.
    package func read(
        _ query: Query, from: LogPosition? = nil, through: LogPosition? = nil,
        direction: ReadDirection = .forwards, limit: Int? = nil
    ) throws(EventLogError) -> [RecordedEvent] {
        try query.checkAskable()
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
        var positions = try indexed(query, first, last)
        if direction == .backwards { positions.reverse() }
        return try events(at: positions.prefix(limit), matching: query)
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
            guard let batch = try batch(containing: position) else { break }
            for event in batch.events.reversed()
            where event.position >= first && event.position <= last && events.count < limit {
                events.append(event)
            }
            position = LogPosition(rawValue: batch.firstPosition.rawValue - 1)
        }
        return events
    }

    private func events(at positions: ArraySlice<UInt64>, matching query: Query)
        throws(EventLogError) -> [RecordedEvent]
    {
        var events: [RecordedEvent] = []
        events.reserveCapacity(positions.count)
        let tables = BatchTables()
        var next = positions.startIndex
        while next < positions.endIndex {
            let position = LogPosition(rawValue: positions[next])
            // Neighbours in one batch are taken together.
            let found = try visitBatch(containing: position, tables) { batch in
                var end = next
                let range = batch.firstPosition.rawValue...batch.lastPosition.rawValue
                while end < positions.endIndex, range.contains(positions[end]) { end += 1 }
                let wanted = positions[next..<end]
                var found: [RecordedEvent] = []
                try batch.forEachEvent { event in
                    guard wanted.contains(event.position.rawValue) else { return }
                    found.append(try event.recorded())
                }
                if wanted.count > 1, wanted[wanted.startIndex] > wanted[wanted.endIndex - 1] {
                    found.reverse()
                }
                return found
            }
            guard let found, !found.isEmpty else { break }
            next += found.count
            events += found.filter { query.matches(type: $0.type, tags: $0.tags) }
        }
        return events
    }

    /// The positions by the index, which is brought up to date first.
    private func indexed(_ query: Query, _ first: LogPosition, _ last: LogPosition)
        throws(EventLogError) -> [UInt64]
    {
        let result = index.withLock { index -> Result<[UInt64], EventLogError> in
            do throws(EventLogError) {
                try translatingDefects {
                    try forEachBatch(from: index.through.advanced(by: 1), through: nil) { batch in
                        try batch.forEachEvent { event in try index.add(event) }
                        return true
                    }
                }
                return .success(index.matches(query, from: first, through: last))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
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

    private func cachedFrame(holding position: LogPosition) throws(EventLogError) -> CachedFrame? {
        if let cached = cache.withLock({ $0.frame(holding: position) }) { return cached }
        let loaded = try frame(holding: position) { found, scan throws(EventLogError) in
            let raw = try scan.raw(of: found)
            do {
                return try CachedFrame(found.header, raw: raw)
            } catch {
                throw LogReader.damage(found, "content(\(error))")
            }
        }
        if let loaded { cache.withLock { $0.insert(loaded) } }
        return loaded
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
