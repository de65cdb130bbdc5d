package import DaybookCore

extension LogReader {
    /// Opens a log for reading beside a running writer, or of one that nobody has open.
    ///
    /// Takes no lock and writes nothing; shows what the commit mark vouches for. After a crash that
    /// is everything acknowledged; complete but unacknowledged frames show after the next writer's
    /// start.
    ///
    /// - Parameter upcasters: former names and shapes of the events.
    /// - Throws: `.notFound`, `.damaged`, `.newerFormat`, `.notALog`, `.permission`, `.io`.
    package static func openReadOnly(
        storage: any Storage, hash: HashFunction, upcasters: UpcasterChain = .none
    ) throws(EventLogError) -> LogReader {
        let mark = try readMark(storage)
        let catalog = try SegmentCatalog.load(
            from: storage, mark: nil, forWriting: false, hash: hash)
        let first = catalog.segments[0]
        let expectation = first.expectation(after: nil)
        invariant(
            expectation.position.rawValue == 1, "LogReader: reading begins with the first position")
        let reader = LogReader(
            storage: storage, hash: hash, logID: catalog.logID, salt: catalog.salt, segments: [],
            head: expectation.head, upcasters: upcasters,
            walk: WalkState(expectation: expectation))
        try reader.advance(through: mark, in: catalog)
        return reader
    }

    /// Takes in what the writer has made durable since.
    ///
    /// - Throws: `.damaged`, `.io`; then the reader goes on showing what it showed.
    package func refresh() throws(EventLogError) {
        guard snapshot().walk != nil else { return }
        let mark = try LogReader.readMark(storage)
        if snapshot().segments.last?.number == mark.segmentNumber {
            try walkActive(through: mark)
        } else {
            let catalog = try SegmentCatalog.load(
                from: storage, mark: nil, forWriting: false, hash: hash)
            try advance(through: mark, in: catalog)
        }
    }

    /// A writer may be in the middle of a slot; the other one is whole.
    private static func readMark(_ storage: any Storage) throws(EventLogError) -> CommitMark {
        let file = try storage.open(LogFileName.mark, .read)
        for _ in 0..<3 {
            if let mark = try MarkFile.content(of: file).newest, mark.segmentNumber > 0 {
                return mark
            }
        }
        throw EventLogError(
            DamageFinding(
                kind: .corrupt, file: LogFileName.mark, segment: nil,
                byteRange: 0..<UInt64(MarkFile.byteCount), evidence: "no-valid-mark-slot"))
    }

    /// Rebuilds the list of segments up to the mark.
    private func advance(through mark: CommitMark, in catalog: SegmentCatalog)
        throws(EventLogError)
    {
        guard mark.logID == logID, catalog.last.header.number >= mark.segmentNumber else {
            throw EventLogError(
                DamageFinding(
                    kind: .missing, file: LogFileName.segment(mark.segmentNumber),
                    segment: mark.segmentNumber, byteRange: 0..<0,
                    evidence: "mark-names-segment=\(mark.segmentNumber)"))
        }
        let index = Int(mark.segmentNumber) - 1
        let active = catalog.segments[index]
        invariant(
            active.header.number == mark.segmentNumber, "LogReader: segments are found by number")
        let previous = index > 0 ? catalog.segments[index - 1] : nil
        let expectation = active.expectation(after: previous)
        let record = SegmentRecord(
            active.header, segmentTag: active.segmentTag, tally: active.emptyTally(hash),
            endOffset: expectation.byteOffset, sealDigest: nil)
        let (walked, end) = try walk(record, from: expectation, through: mark)
        let records = catalog.segments[..<index].compactMap(SegmentRecord.init) + [walked]
        invariant(records.count == index + 1, "LogReader: every segment before it is sealed")
        // All at once: a reader never sees a head that went back.
        update { state in
            // Another thread may have refreshed meanwhile, and further.
            guard end.head.position >= state.head.position,
                records.count >= state.segments.count
            else { return }
            state.segments = records
            state.head = end.head
            state.walk = WalkState(expectation: end)
        }
    }

    /// Walks the newest segment from where the last walk ended up to the mark.
    private func walkActive(through mark: CommitMark) throws(EventLogError) {
        let before = snapshot()
        guard let walkState = before.walk, let record = before.segments.last,
            // Another thread may have gone on to the next segment.
            record.number == mark.segmentNumber,
            mark.durableOffset > walkState.expectation.byteOffset
        else { return }
        let (walked, end) = try walk(record, from: walkState.expectation, through: mark)
        update { state in
            // Another thread may have refreshed meanwhile, and further.
            guard let last = state.segments.last, last.number == record.number,
                last.endOffset < walked.endOffset, state.head.position <= end.head.position
            else { return }
            state.segments[state.segments.count - 1] = walked
            state.head = end.head
            state.walk = WalkState(expectation: end)
        }
    }

    private func walk(
        _ record: SegmentRecord, from start: FrameExpectation, through mark: CommitMark
    ) throws(EventLogError) -> (SegmentRecord, FrameExpectation) {
        let walker = FrameWalker(
            window: SegmentWindow(file: try file(of: record.number)), hash: hash,
            segmentTag: record.segmentTag, expectation: start, tally: record.tally, frontier: nil)
        while walker.expectation.byteOffset < mark.durableOffset {
            if case .stopped(let defect) = try walker.step(end: mark.durableOffset) {
                throw EventLogError(
                    DamageFinding(
                        kind: .corrupt, file: LogFileName.segment(record.number),
                        segment: record.number,
                        byteRange: walker.expectation.byteOffset..<mark.durableOffset,
                        expectedBatch: walker.expectation.batchNumber,
                        evidence: "\(defect),mark.durable_offset=\(mark.durableOffset)"))
            }
        }
        invariant(
            walker.expectation.position >= start.position, "LogReader: reading on loses no event")
        invariant(
            walker.expectation.byteOffset >= mark.durableOffset,
            "LogReader: all that the mark vouches for was read")
        invariant(
            walker.expectation.byteOffset <= max(mark.durableOffset, start.byteOffset),
            "LogReader: nothing is read that no mark vouches for")
        invariant(
            walker.tally.eventCount == walker.expectation.position.rawValue
                - record.firstPosition.rawValue, "LogReader: every position was counted")
        var walked = record
        walked.tally = walker.tally
        walked.endOffset = walker.expectation.byteOffset
        return (walked, walker.expectation)
    }
}
