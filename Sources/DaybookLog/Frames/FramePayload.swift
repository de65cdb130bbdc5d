internal import DaybookCore

/// The uncompressed payload of a frame.
enum FramePayload {
    /// Decompresses where necessary.
    ///
    /// - Parameters:
    ///   - frame: header and payload; its checksum was checked before.
    ///   - scratch: takes the uncompressed bytes; the result is valid until its next use.
    static func raw(
        of header: FrameHeader, frame: UnsafeRawBufferPointer, scratch: GrowingBuffer
    ) throws(FrameDefect) -> UnsafeRawBufferPointer {
        invariant(
            UInt64(frame.count) == header.frameByteCount,
            "FramePayload: the bytes are those of the header's frame")
        let stored = frame.slice(FrameHeader.byteCount, Int(header.storedByteCount))
        guard header.codec == .lz4 else {
            invariant(
                stored.count == Int(header.rawByteCount),
                "FramePayload: uncompressed, both lengths are the same")
            return stored
        }
        invariant(
            header.storedByteCount < header.rawByteCount,
            "FramePayload: only what got shorter is stored compressed")
        let raw = scratch.scratch(Int(header.rawByteCount))
        try FrameCompression.decompress(stored, into: raw)
        return UnsafeRawBufferPointer(raw)
    }

    /// In so many of the first bytes of a frame the batch with a position is likely to end: events take about as much
    /// each, and the batches of a frame are many.
    static func likelyByteCount(of header: FrameHeader, through position: LogPosition) -> Int {
        invariant(header.holds(position), "FramePayload: a position of the frame is looked for")
        let count = position.rawValue - header.firstPosition.rawValue + 1
        let share = UInt64(header.rawByteCount) * count / UInt64(header.eventCount)
        return min(Int(share) + surplusByteCount, Int(header.rawByteCount))
    }

    /// Some twelve batches of an order.
    private static let surplusByteCount = 4 << 10

    /// The first bytes, fewer than there are; what stands behind them is not decompressed.
    static func beginning(
        _ byteCount: Int, of header: FrameHeader, frame: UnsafeRawBufferPointer,
        scratch: GrowingBuffer
    ) throws(FrameDefect) -> UnsafeRawBufferPointer {
        invariant(
            byteCount < Int(header.rawByteCount), "FramePayload: a beginning is not everything")
        let stored = frame.slice(FrameHeader.byteCount, Int(header.storedByteCount))
        guard header.codec == .lz4 else { return stored.slice(0, byteCount) }
        let raw = scratch.scratch(byteCount)
        try FrameCompression.decompressBeginning(stored, into: raw)
        return UnsafeRawBufferPointer(raw)
    }

    /// Visits the batches of a frame and checks that they are as many as its header says.
    ///
    /// - Parameter body: returns whether to go on.
    /// - Returns: whether it went on to the end.
    static func visit(
        _ header: FrameHeader, raw: UnsafeRawBufferPointer, tables: BatchTables,
        _ body: (borrowing BatchView) throws -> Bool
    ) throws -> Bool {
        var batches = BatchSequence(
            raw, firstBatchNumber: header.firstBatchNumber, firstPosition: header.firstPosition)
        var batchCount: UInt64 = 0
        var eventCount: UInt64 = 0
        var goesOn = true
        while goesOn {
            invariant(
                batchCount <= header.batchCount, "FramePayload: no more than the header says")
            let isBatch = try batches.visitNext(tables) { batch in
                batchCount += 1
                eventCount += UInt64(batch.eventCount)
                guard batchCount <= header.batchCount, eventCount <= header.eventCount else {
                    throw BatchDefect("more than the frame's header says")
                }
                goesOn = try body(batch)
            }
            guard isBatch else { break }
        }
        guard !goesOn || batchCount == header.batchCount && eventCount == header.eventCount else {
            throw BatchDefect("fewer than the frame's header says")
        }
        return goesOn
    }
}
