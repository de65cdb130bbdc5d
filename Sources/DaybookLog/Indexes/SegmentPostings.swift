internal import DaybookCore

/// Where a frame lies.
struct FramePlace: Hashable, Sendable {
    var byteOffset: UInt64
    /// With header and padding, when it is known; what to read at once.
    var byteCount: UInt64?
}

/// Tags, types and frames of one segment, from its first frame on; in memory.
struct SegmentPostings: Sendable {
    let segment: UInt64
    private(set) var tags: TagIndex
    /// Byte offset and first place of each frame with events.
    private(set) var frames: [(byteOffset: UInt32, firstPlace: UInt32)] = []

    init(_ record: SegmentRecord, secret: TagKey.Secret) {
        segment = record.number
        tags = TagIndex(
            secret: secret,
            base: LogPosition(rawValue: record.firstPosition.rawValue - 1))
    }

    /// Adds a frame of batches that follows what is there; one that is there already is left out.
    mutating func add(
        _ header: FrameHeader, raw: UnsafeRawBufferPointer, batchTables: BatchTables
    ) throws {
        guard let positions = header.positions, positions.lowerBound > tags.through else { return }
        guard positions.lowerBound == tags.through.advanced(by: 1),
            let byteOffset = UInt32(exactly: header.byteOffset),
            let place = UInt32(exactly: tags.eventCount), byteOffset > frames.last?.byteOffset ?? 0
        else { throw BatchDefect("positions or places do not follow") }
        frames.append((byteOffset, place))
        _ = try FramePayload.visit(header, raw: raw, tables: batchTables) { batch in
            try tags.add(batch)
            return true
        }
        invariant(
            tags.through == positions.upperBound, "SegmentPostings: all events of the frame are in")
        invariant(
            frames.count <= tags.eventCount, "SegmentPostings: a frame has at least one event")
    }

    /// Whether they are those of the segment.
    func isOf(_ record: SegmentRecord) -> Bool {
        segment == record.number && tags.base.advanced(by: 1) == record.firstPosition
    }

    /// The frame that holds a position; `nil` when none does.
    func frame(holding position: LogPosition) -> FramePlace? {
        guard position > tags.base, position <= tags.through else { return nil }
        let place = UInt32(position.rawValue - tags.base.rawValue - 1)
        var low = 0
        var high = frames.count
        while low < high {
            let middle = (low + high) / 2
            if frames[middle].firstPlace <= place { low = middle + 1 } else { high = middle }
        }
        invariant(low > 0, "SegmentPostings: the first frame begins with the first place")
        let start = UInt64(frames[low - 1].byteOffset)
        invariant(
            frames[low - 1].firstPlace <= place,
            "SegmentPostings: the frame begins with the place or before")
        guard low < frames.count else { return FramePlace(byteOffset: start) }
        invariant(
            frames[low].firstPlace > place,
            "SegmentPostings: the next frame begins behind the place")
        return FramePlace(byteOffset: start, byteCount: UInt64(frames[low].byteOffset) - start)
    }

    /// Reads on to the end of what `record` says.
    ///
    /// - Parameter isWanted: asked between frames; `false` gives the work up.
    /// - Throws: `.damaged` with the exact range, `.io`, `.closed` when it was given up.
    mutating func catchUp(
        with record: SegmentRecord, _ reader: LogReader, isWanted: () -> Bool = { true }
    ) throws(EventLogError) {
        invariant(segment == record.number, "SegmentPostings: it catches up with its own segment")
        let last = record.lastPosition
        guard tags.through < last else { return }
        let scan = FrameScan(
            reader, segments: [record], from: tags.through.advanced(by: 1),
            readAhead: Int(min(1 << 20, record.endOffset)))
        let tables = BatchTables()
        while tags.through < last, let found = try scan.next() {
            guard isWanted() else {
                throw EventLogError(.closed, "the log was closed before its index was written")
            }
            guard found.header.kind == .batches else { continue }
            let raw = try scan.raw(of: found)
            do {
                try add(found.header, raw: raw, batchTables: tables)
            } catch {
                throw LogReader.damage(found, "content(\(error))")
            }
        }
    }
}

extension SegmentRecord {
    /// The last durable position; the one before the first when there is none.
    var lastPosition: LogPosition {
        LogPosition(rawValue: firstPosition.rawValue + tally.eventCount - 1)
    }
}
