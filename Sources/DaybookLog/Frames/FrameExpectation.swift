package import DaybookCore

/// What the next frame must say, given all frames before it.
package struct FrameExpectation: Hashable, Sendable {
    /// Where it begins in the segment.
    package var byteOffset: UInt64
    package var frameNumber: UInt64
    package var batchNumber: UInt64
    package var position: LogPosition
    /// The time and epoch of the frame before; neither ever goes back.
    package var time: Instant
    package var writerEpoch: UInt32
    /// The chain after the frame before.
    package var chain: Digest

    /// Steps over a frame.
    mutating func advance(over header: FrameHeader) {
        invariant(header.byteOffset >= byteOffset, "FrameExpectation: steps go forward")
        invariant(
            header.endOffset > header.byteOffset,
            "FrameExpectation: a frame takes bytes, so steps end")
        byteOffset = header.endOffset
        invariant(byteOffset % 8 == 0, "FrameExpectation: the next frame begins at a multiple of 8")
        frameNumber = header.frameNumber + 1
        batchNumber = header.firstBatchNumber + UInt64(header.batchCount)
        position = header.firstPosition.advanced(by: Int(header.eventCount))
        time = header.time
        writerEpoch = header.writerEpoch
        chain = header.chain
    }

    /// What is known of the log once the frame before is durable.
    package var head: LogHead {
        invariant(position > .start, "FrameExpectation: positions begin with 1")
        invariant(batchNumber >= 1, "FrameExpectation: batches are numbered from 1")
        invariant(frameNumber >= 1, "FrameExpectation: frames are numbered from 1")
        return LogHead(
            position: LogPosition(rawValue: position.rawValue - 1), batchNumber: batchNumber - 1,
            frameNumber: frameNumber - 1, chain: chain)
    }
}

// MARK: - Checks

extension FrameExpectation {
    /// Whether a decoded header is the one that follows; its payload is not looked at.
    ///
    /// - Parameter segmentTag: `nil` when the segment's header is unreadable.
    func check(_ header: FrameHeader, segmentTag: UInt32?) throws(FrameDefect) {
        guard header.byteOffset == byteOffset else { throw .misplaced(header.byteOffset) }
        if let segmentTag, header.segmentTag != segmentTag { throw .foreignSegment }
        try check("frame-number", frameNumber, header.frameNumber)
        try check("batch-number", batchNumber, header.firstBatchNumber)
        try check("position", position.rawValue, header.firstPosition.rawValue)
        guard header.writerEpoch >= writerEpoch else {
            throw .outOfSequence(
                "writer-epoch", expected: UInt64(writerEpoch), found: UInt64(header.writerEpoch))
        }
        guard header.time >= time else {
            throw .outOfSequence(
                "time", expected: UInt64(bitPattern: time.microseconds),
                found: UInt64(bitPattern: header.time.microseconds))
        }
        guard header.durableOffset <= byteOffset else {
            throw .outOfSequence(
                "durable-offset", expected: byteOffset, found: header.durableOffset)
        }
    }

    /// Whether payload, padding and chain are right too.
    ///
    /// - Parameters:
    ///   - frame: header, payload and padding.
    func check(_ header: FrameHeader, frame: UnsafeRawBufferPointer, hash: HashFunction)
        throws(FrameDefect)
    {
        try checkPayload(header, frame: frame)
        let payload = frame.slice(FrameHeader.byteCount, Int(header.storedByteCount))
        let portable = frame.slice(0, FrameHeader.portableByteCount)
        guard hash.chain(after: chain, header: portable, payload: payload) == header.chain else {
            throw .chain
        }
    }

    /// Whether payload and padding are right; the chain is not looked at.
    func checkPayload(_ header: FrameHeader, frame: UnsafeRawBufferPointer) throws(FrameDefect) {
        invariant(
            UInt64(frame.count) == header.frameByteCount,
            "FrameExpectation: the bytes are those of the header's frame")
        let stored = Int(header.storedByteCount)
        let payload = frame.slice(FrameHeader.byteCount, stored)
        guard Checksum.crc32c(payload) == header.payloadChecksum else { throw .payloadChecksum }
        let end = FrameHeader.byteCount + stored
        invariant(frame.count - end < 8, "FrameExpectation: less than a word fills a frame up")
        guard frame.slice(end, frame.count - end).isZero else { throw .padding }
    }

    private func check(_ field: String, _ expected: UInt64, _ found: UInt64) throws(FrameDefect) {
        guard expected == found else {
            throw .outOfSequence(field, expected: expected, found: found)
        }
    }
}
