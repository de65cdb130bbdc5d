internal import DaybookCore
internal import Synchronization

/// Questions by tag and type: segment by segment, by the index of each.
extension LogReader {
    /// The events of a query that is not `.all`.
    func readIndexed(
        _ query: Query, _ first: LogPosition, _ last: LogPosition, _ direction: ReadDirection,
        _ limit: Int
    ) throws(EventLogError) -> [RecordedEvent] {
        let items = indexItems(query)
        let segments = segments(for: items, from: first, through: last)
        shelf.prepare(items, segments)
        var events: [RecordedEvent] = []
        for record in direction == .forwards ? segments : segments.reversed() {
            let enough = direction == .forwards ? limit - events.count : .max
            var positions = try positions(
                query, items, in: record, from: first, through: last, limit: enough)
            if direction == .backwards { positions.reverse() }
            try append(positions, in: record, matching: query, to: &events, limit)
            invariant(events.count <= limit, "LogReader: no more is read than is asked for")
            guard events.count < limit else { break }
        }
        return events
    }

    /// The first durable event beyond `after`, up to `last`, that the query means.
    ///
    /// - Parameter query: askable, not `.all`.
    func firstMatch(_ query: Query, after: LogPosition, through last: LogPosition)
        throws(EventLogError) -> LogPosition?
    {
        let first = after.advanced(by: 1)
        invariant(first <= last, "LogReader: somebody looked whether there is anything beyond")
        let items = indexItems(query)
        let segments = segments(for: items, from: first, through: last)
        shelf.prepare(items, segments)
        for record in segments {
            let found: LogPosition?
            if record.isSealed {
                found = try shelf.ask(record, self) { index throws(IndexDefect) in
                    try index.firstMatch(items, from: first, through: last)
                }
            } else {
                found = try shelf.askActive(record, self) { postings in
                    postings.tags.firstMatch(query, after: after, through: last)
                }
            }
            guard let found else { continue }
            invariant(found >= first && found <= last, "LogReader: a match lies in the range")
            return found
        }
        return nil
    }

    private func indexItems(_ query: Query) -> [IndexItem] {
        let items = established(query.items, "LogReader: all events need no index")
        return items.map { IndexItem($0, secret: indexSecret) }
    }

    /// The segments that may hold what any of the items means in a range, ascending.
    private func segments(
        for items: [IndexItem], from first: LogPosition, through last: LogPosition
    ) -> [SegmentRecord] {
        let all = snapshot().segments
        let start = max(all.prefixCount { $0.firstPosition <= first } - 1, 0)
        let end = all.prefixCount { $0.firstPosition <= last }
        invariant(start < end, "LogReader: the first segment begins with the first position")
        return shelf.candidates(for: items, in: start..<end, of: all).filter { record in
            record.tally.eventCount > 0 && record.lastPosition >= first
        }
    }

    /// - Parameter limit: the first so many are enough.
    private func positions(
        _ query: Query, _ items: [IndexItem], in record: SegmentRecord, from first: LogPosition,
        through last: LogPosition, limit: Int
    ) throws(EventLogError) -> [UInt64] {
        guard record.isSealed else {
            if shelf.isFirstQuestion(about: record) {
                return try scanActive(
                    query, in: record, from: first, through: last, limit: limit)
            }
            return try shelf.askActive(record, self) { postings in
                postings.tags.matches(query, from: first, through: last)
            }
        }
        return try shelf.ask(record, self) { index throws(IndexDefect) in
            try index.matches(items, from: first, through: last, limit: limit)
        }
    }
}

// MARK: - Events

extension LogReader {
    /// Reads the events at some positions of one segment and adds those that really match.
    private func append(
        _ positions: [UInt64], in record: SegmentRecord, matching query: Query,
        to events: inout [RecordedEvent], _ limit: Int
    ) throws(EventLogError) {
        let tables = BatchTables()
        var next = 0
        while next < positions.count, events.count < limit {
            let position = LogPosition(rawValue: positions[next])
            let frame = try indexedFrame(holding: positions[next...], record)
            // Neighbours in one batch are taken together.
            let found = try translatingDefects {
                try frame.visit(batch: frame.batchIndex(holding: position), tables: tables) {
                    batch in
                    var end = next
                    let range = batch.firstPosition.rawValue...batch.lastPosition.rawValue
                    while end < positions.count, range.contains(positions[end]) { end += 1 }
                    let wanted = positions[next..<end]
                    var found: [RecordedEvent] = []
                    try batch.forEachEvent { event in
                        guard wanted.contains(event.position.rawValue) else { return }
                        found.append(try event.recorded())
                    }
                    invariant(end > next, "LogReader: the batch holds what led to it")
                    if wanted.count > 1, wanted[next] > wanted[end - 1] { found.reverse() }
                    next = end
                    return found
                }
            }
            events += found.filter { query.matches(type: $0.type, tags: $0.tags) }
                .prefix(limit - events.count)
        }
    }

    /// The frame that holds the first of some positions of a segment, read at its place, with those of the
    /// others that it holds, too.
    private func indexedFrame(holding positions: ArraySlice<UInt64>, _ record: SegmentRecord)
        throws(EventLogError) -> CachedFrame
    {
        let position = LogPosition(rawValue: positions[positions.startIndex])
        if let cached = cache.withLock({ $0.frame(holding: position) }) { return cached }
        if record.isSealed {
            let place = try shelf.ask(record, self) { index throws(IndexDefect) in
                try index.frame(holding: position)
            }
            if let frame = frame(holding: positions, record, at: place) { return frame }
        } else if shelf.holdsPostings(of: record) {
            if let place = try shelf.askActive(record, self, { $0.frame(holding: position) }),
                let frame = frame(holding: positions, record, at: place)
            {
                return frame
            }
        }
        // The segment itself says where the frame is, or what is wrong with it.
        guard let frame = try cachedFrame(holding: position) else {
            throw LogReader.missing(position)
        }
        return frame
    }

    /// The frame at a place that an index names; `nil` when the first position is not there.
    private func frame(
        holding positions: ArraySlice<UInt64>, _ record: SegmentRecord, at place: FramePlace
    ) -> CachedFrame? {
        do {
            let scan = FrameScan(self, record, at: place)
            guard let found = try scan.next(), let furthest = found.header.furthest(of: positions)
            else { return nil }
            // Who asks for more of a frame may go on to ask.
            let isAskedAgain = cache.withLock { $0.header(holding: furthest) != nil }
            let frame =
                isAskedAgain
                ? try CachedFrame(found.header, raw: try scan.raw(of: found))
                : try scan.frame(found, through: furthest)
            cache.withLock { $0.insert(frame) }
            return frame
        } catch {
            // An index that leads nowhere says nothing about the segment.
            return nil
        }
    }
}

extension FrameHeader {
    /// Of some positions, ascending or descending, the furthest one in the frame; `nil` unless it holds the first.
    fileprivate func furthest(of positions: ArraySlice<UInt64>) -> LogPosition? {
        positions.lazy.map { LogPosition(rawValue: $0) }.prefix(while: holds).max()
    }
}

extension [SegmentRecord] {
    /// For how many of the first segments a condition holds; it holds for a prefix.
    fileprivate func prefixCount(_ holds: (borrowing SegmentRecord) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
