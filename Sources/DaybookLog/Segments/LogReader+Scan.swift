package import DaybookCore
internal import Synchronization

/// Steps through durable frames for reading; checks what decoding depends on, not the chain.
///
/// Confined to its owner.
final class FrameScan {
    private let reader: LogReader
    private let segments: [SegmentRecord]
    private var segmentIndex: Int
    private var offset: UInt64
    private var window: SegmentWindow?
    private let readAhead: Int
    private let scratch = GrowingBuffer()

    /// - Parameter position: the scan begins at or before the frame that holds it.
    init(_ reader: LogReader, segments: [SegmentRecord], from position: LogPosition, readAhead: Int)
    {
        self.reader = reader
        self.segments = segments
        self.readAhead = readAhead
        invariant(!segments.isEmpty, "FrameScan: a log has at least one segment")
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].firstPosition <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        segmentIndex = max(low - 1, 0)
        invariant(
            low == segments.count || segments[low].firstPosition > position,
            "FrameScan: later segments begin behind the position")
        offset = segments[segmentIndex].offset(before: position)
    }

    /// A scan that begins at a frame of which the index knows the place.
    init(_ reader: LogReader, _ segment: SegmentRecord, at place: FramePlace) {
        self.reader = reader
        segments = [segment]
        segmentIndex = 0
        offset = place.byteOffset
        readAhead = Int(place.byteCount ?? 64 << 10)
    }

    struct Found {
        var header: FrameHeader
        var segment: UInt64
        /// Header, payload and padding; valid until the next step.
        var frame: UnsafeRawBufferPointer
    }

    /// The next frame; `nil` at the end of what is durable.
    ///
    /// - Throws: `.damaged` with the exact range when it is not right, also on a second read.
    func next() throws(EventLogError) -> Found? {
        while segmentIndex < segments.count {
            let segment = segments[segmentIndex]
            if offset >= segment.endOffset {
                segmentIndex += 1
                offset = UInt64(SegmentHeader.byteCount)
                window = nil
                continue
            }
            let window = try currentWindow(segment)
            var reading = try check(window.frame(at: offset, end: segment.endOffset), segment)
            if case .defect = reading {
                window.forget()
                reading = try check(window.frame(at: offset, end: segment.endOffset), segment)
            }
            switch reading {
            case .frame(let header, let frame):
                offset += header.frameByteCount
                invariant(offset <= segment.endOffset, "FrameScan: only what is durable is read")
                invariant(offset == header.endOffset, "FrameScan: it goes on behind the frame")
                return Found(header: header, segment: segment.number, frame: frame)
            case .defect(let defect): throw damage(segment, defect.description)
            }
        }
        return nil
    }

    /// The uncompressed payload of a frame; valid until the next call.
    func raw(of found: Found) throws(EventLogError) -> UnsafeRawBufferPointer {
        do throws(FrameDefect) {
            return try FramePayload.raw(of: found.header, frame: found.frame, scratch: scratch)
        } catch {
            throw LogReader.damage(found, error.description)
        }
    }

    /// The batches of a frame up to a position that it holds, of which no more than about as much is decompressed.
    func frame(_ found: Found, through position: LogPosition) throws -> CachedFrame {
        let count = FramePayload.likelyByteCount(of: found.header, through: position)
        if count < Int(found.header.rawByteCount) {
            let beginning = try FramePayload.beginning(
                count, of: found.header, frame: found.frame, scratch: scratch)
            let frame = CachedFrame(found.header, beginning: beginning, through: position)
            if let frame { return frame }
        }
        return try CachedFrame(found.header, raw: try raw(of: found))
    }

    /// The same into a buffer of the caller's.
    func raw(of found: Found, into buffer: GrowingBuffer) throws(EventLogError) {
        do throws(FrameDefect) {
            let raw = try FramePayload.raw(
                of: found.header, frame: found.frame, scratch: buffer)
            guard found.header.codec == .none else { return }
            UnsafeMutableRawBufferPointer(buffer.scratch(raw.count)).copyMemory(from: raw)
        } catch {
            throw LogReader.damage(found, error.description)
        }
    }

    private func currentWindow(_ segment: SegmentRecord) throws(EventLogError) -> SegmentWindow {
        if let window { return window }
        let opened = SegmentWindow(
            file: try reader.file(of: segment.number), readAhead: readAhead)
        window = opened
        return opened
    }

    private func check(_ reading: SegmentWindow.Reading, _ segment: SegmentRecord)
        -> SegmentWindow.Reading
    {
        guard case .frame(let header, let frame) = reading else { return reading }
        guard header.byteOffset == offset else { return .defect(.misplaced(header.byteOffset)) }
        guard header.segmentTag == segment.segmentTag else { return .defect(.foreignSegment) }
        let payload = frame.slice(FrameHeader.byteCount, Int(header.storedByteCount))
        guard Checksum.crc32c(payload) == header.payloadChecksum else {
            return .defect(.payloadChecksum)
        }
        return reading
    }

    private func damage(_ segment: SegmentRecord, _ evidence: String) -> EventLogError {
        let later = segment.tally.entries.first { $0.byteOffset > offset }
        return EventLogError(
            DamageFinding(
                kind: .corrupt, file: LogFileName.segment(segment.number), segment: segment.number,
                byteRange: offset..<(later?.byteOffset ?? segment.endOffset), evidence: evidence))
    }
}

extension LogReader {
    static func damage(_ found: FrameScan.Found, _ evidence: String) -> EventLogError {
        EventLogError(
            DamageFinding(
                kind: .corrupt, file: LogFileName.segment(found.segment), segment: found.segment,
                byteRange: found.header.byteOffset..<found.header.endOffset,
                expectedBatch: found.header.firstBatchNumber, positions: found.header.positions,
                evidence: evidence))
    }

    /// Visits durable batches in place, in order, with constant memory.
    ///
    /// - Parameters:
    ///   - from: batches that end before it are left out.
    ///   - through: batches that begin beyond it are left out; `nil`: up to the head.
    ///   - body: returns whether to go on; the view is valid inside only.
    /// - Throws: `.damaged` with the exact range, `.io`, or what `body` throws.
    /// - Complexity: O(bytes), no allocation per event. A range of some megabytes is read and
    ///   decompressed by a second thread, which ends before the call does.
    package func forEachBatch(
        from: LogPosition, through: LogPosition?, _ body: (borrowing BatchView) throws -> Bool
    ) throws {
        let snapshot = snapshot()
        let first = max(from, LogPosition(rawValue: 1))
        let last = min(through ?? snapshot.head.position, snapshot.head.position)
        guard first <= last else { return }
        let scan = FrameScan(self, segments: snapshot.segments, from: first, readAhead: 1 << 20)
        let tables = BatchTables()
        func visit(_ found: FrameScan.Found, _ raw: UnsafeRawBufferPointer) throws -> Bool {
            do {
                return try FramePayload.visit(found.header, raw: raw, tables: tables) { batch in
                    guard batch.lastPosition >= first else { return true }
                    guard batch.firstPosition <= last else { return false }
                    return try body(batch)
                }
            } catch let defect as BatchDefect {
                throw LogReader.damage(found, "content(\(defect))")
            }
        }
        if snapshot.isLong(from: first, through: last) {
            let ahead = try FrameAhead(scan, first: first, last: last)
            defer { ahead.finish() }
            while let frame = try ahead.next() {
                guard try visit(frame.found, frame.raw) else { return }
            }
            return
        }
        while let found = try scan.next() {
            guard let positions = found.header.positions, positions.upperBound >= first else {
                continue
            }
            guard positions.lowerBound <= last else { return }
            guard try visit(found, try scan.raw(of: found)) else { return }
        }
    }

    /// Whether a range takes some megabytes, so that a second thread that reads it is worth its start.
    package func isLong(from: LogPosition, through: LogPosition?) -> Bool {
        let snapshot = snapshot()
        return snapshot.isLong(
            from: max(from, LogPosition(rawValue: 1)),
            through: min(through ?? snapshot.head.position, snapshot.head.position))
    }

    /// The header of the frame that holds a position, and its payload when it is wanted.
    func frame<Result>(
        holding position: LogPosition,
        _ body: (FrameScan.Found, FrameScan) throws(EventLogError) -> Result
    ) throws(EventLogError) -> Result? {
        let snapshot = snapshot()
        guard position > .start, position <= snapshot.head.position else { return nil }
        let scan = FrameScan(self, segments: snapshot.segments, from: position, readAhead: 64 << 10)
        while let found = try scan.next() {
            if found.header.holds(position) { return try body(found, scan) }
        }
        return nil
    }

    /// The chain after the frame that holds a position.
    ///
    /// A frame may end beyond the position; it never changes, so this value names the position's
    /// content for ever: snapshots and read models keep it to notice that they belong to another
    /// log.
    ///
    /// - Returns: the genesis chain at 0; `nil` beyond the head.
    package func chain(at position: LogPosition) throws(EventLogError) -> Digest? {
        guard position > .start else { return hash.genesisChain(of: logID) }
        if let cached = cache.withLock({ $0.header(holding: position) }) { return cached.chain }
        return try frame(holding: position) { found, _ throws(EventLogError) in found.header.chain }
    }
}

extension LogReader.State {
    fileprivate func isLong(from first: LogPosition, through last: LogPosition) -> Bool {
        byteCount(from: first, through: last) >= FrameAhead.worthwhileByteCount
    }

    /// About how many bytes of frames hold these positions.
    private func byteCount(from first: LogPosition, through last: LogPosition) -> UInt64 {
        segments.reduce(0) { sum, segment in
            guard segment.firstPosition <= last, segment.lastPosition >= first else { return sum }
            let start = segment.offset(before: first)
            let end =
                last >= segment.lastPosition ? segment.endOffset : segment.offset(before: last)
            return sum + (end > start ? end - start : 0)
        }
    }
}
