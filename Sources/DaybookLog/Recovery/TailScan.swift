/// Looks beyond the last valid frame for what may have been acknowledged once.
///
/// Event data could imitate a frame; a match therefore needs magic, header checksum, its own exact
/// offset and the segment's secret tag.
struct TailScan {
    /// Valid frame headers, ascending.
    private(set) var frames: [FrameHeader] = []
    /// The end of the last byte that is not zero; `nil` when all are zero.
    private(set) var residueEnd: UInt64?

    /// - Parameters:
    ///   - start: the end of the last valid frame; a multiple of 8.
    ///   - limit: frames that are kept; the first ones and the highest durable offset matter.
    init(
        _ file: any StorageFile, from start: UInt64, end: UInt64, segmentTag: UInt32?,
        limit: Int = .max
    ) throws(EventLogError) {
        invariant(start % 8 == 0, "TailScan: frames begin at multiples of 8")
        let window = SegmentWindow(
            file: file, readAhead: Int(min(1 << 20, max(end, start) - start)))
        var offset = start
        while offset < end,
            let piece = try window.bytes(
                at: offset, count: Int(min(1 << 20, end - offset)), end: end)
        {
            if let last = piece.lastNonZero {
                residueEnd = offset + UInt64(last) + 1
                for candidate in TailScan.magics(in: piece) where frames.count < limit {
                    let place = offset + UInt64(candidate)
                    try take(place, file, end: end, segmentTag)
                }
            }
            offset += UInt64(piece.count)
        }
        invariant(offset <= max(start, end), "TailScan: nothing behind the end is looked at")
        invariant(residueEnd ?? offset <= offset, "TailScan: what is found was looked at")
        invariant(frames.count <= limit, "TailScan: no more frames are kept than are wanted")
    }

    private static func magics(in piece: UnsafeRawBufferPointer) -> [Int] {
        var found: [Int] = []
        var index = 0
        while index + 4 <= piece.count {
            if piece.uint32(at: index) == FrameHeader.magic { found.append(index) }
            index += 8
        }
        return found
    }

    private mutating func take(
        _ place: UInt64, _ file: any StorageFile, end: UInt64, _ segmentTag: UInt32?
    ) throws(EventLogError) {
        guard end - place >= UInt64(FrameHeader.byteCount) else { return }
        let bytes = try file.bytes(at: place, count: FrameHeader.byteCount)
        guard bytes.count == FrameHeader.byteCount,
            let header = bytes.withUnsafeBytes({ try? FrameHeader(decoding: $0) }),
            header.byteOffset == place
        else { return }
        if let segmentTag, header.segmentTag != segmentTag { return }
        invariant(
            frames.last?.byteOffset ?? 0 < place, "TailScan: what is found is found in order")
        frames.append(header)
    }

    /// The furthest offset that any of the frames proves to have been durable.
    var provenDurableOffset: UInt64 { frames.map(\.durableOffset).max() ?? 0 }
}
