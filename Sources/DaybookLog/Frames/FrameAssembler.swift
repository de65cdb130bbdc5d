internal import DaybookCore

/// Builds frames byte by byte; no effects.
struct FrameAssembler {
    let hash: HashFunction
    let codec: EventLogOptions.Codec
    var segmentTag: UInt32
    var writerEpoch: UInt32
    private let compressed = GrowingBuffer()

    init(
        hash: HashFunction, codec: EventLogOptions.Codec, segmentTag: UInt32, writerEpoch: UInt32
    ) {
        self.hash = hash
        self.codec = codec
        self.segmentTag = segmentTag
        self.writerEpoch = writerEpoch
    }

    /// A payload as it will be stored. Valid until the next one is prepared.
    struct StoredPayload {
        var bytes: UnsafeRawBufferPointer
        var rawByteCount: UInt32
        var codec: FrameCodec

        /// Header, payload and padding.
        var frameByteCount: UInt64 {
            UInt64(FrameHeader.byteCount)
                + FrameHeader.paddedByteCount(stored: UInt32(bytes.count))
        }
    }

    /// Compresses where that makes it shorter.
    func payload(_ raw: UnsafeRawBufferPointer, kind: FrameKind) -> StoredPayload {
        let rawByteCount = UInt32(raw.count)
        invariant(
            raw.count <= EventLogLimits.frameRawByteCount,
            "FrameAssembler: a reader would refuse so long a payload")
        // A seal stays readable without a decompressor: it is what a repair starts from.
        if codec == .lz4, kind != .seal {
            let scratch = compressed.scratch(raw.count)
            if let count = FrameCompression.compress(raw, into: scratch) {
                invariant(count < raw.count, "FrameAssembler: compressed is shorter")
                return StoredPayload(
                    bytes: UnsafeRawBufferPointer(rebasing: scratch[..<count]),
                    rawByteCount: rawByteCount, codec: .lz4)
            }
        }
        return StoredPayload(bytes: raw, rawByteCount: rawByteCount, codec: .none)
    }

    /// The payload of a group's frame, compressed before the commit or now.
    func payload(
        _ raw: UnsafeRawBufferPointer, _ preparation: FramePreparation, in group: StagedGroup
    ) -> StoredPayload {
        switch preparation {
        case .none: return payload(raw, kind: .batches)
        case .incompressible:
            return StoredPayload(bytes: raw, rawByteCount: UInt32(raw.count), codec: .none)
        case .compressed(let range):
            invariant(codec == .lz4, "FrameAssembler: only a log that compresses has such frames")
            let payloads = established(
                group.compressed, "FrameAssembler: what was compressed is there until it is durable"
            )
            return StoredPayload(
                bytes: payloads.used.slice(range.lowerBound, range.count),
                rawByteCount: UInt32(raw.count), codec: .lz4)
        }
    }

    /// What the caller knows of a frame besides its payload.
    struct Content {
        var kind: FrameKind
        var batchCount: UInt32 = 0
        var eventCount: UInt32 = 0
    }

    /// Appends the frame that follows `expectation` to `buffer` and steps over it.
    ///
    /// - Parameter clock: the wall clock's reading; the frame's time never lies before the last
    ///   one.
    /// - Returns: the header and its bytes, which are valid until the buffer grows.
    func append(
        _ content: Content, _ payload: StoredPayload, following expectation: inout FrameExpectation,
        at clock: Instant, durableOffset: UInt64, to buffer: GrowingBuffer
    ) -> (header: FrameHeader, bytes: UnsafeRawBufferPointer) {
        var header = FrameHeader(
            kind: content.kind, codec: payload.codec,
            flags: clock < expectation.time ? FrameHeader.clockWentBack : 0,
            storedByteCount: UInt32(payload.bytes.count), rawByteCount: payload.rawByteCount,
            frameNumber: expectation.frameNumber, firstBatchNumber: expectation.batchNumber,
            firstPosition: expectation.position, batchCount: content.batchCount,
            eventCount: content.eventCount,
            time: PlantedBug.timeGoesBack.isPlanted ? clock : max(clock, expectation.time),
            writerEpoch: writerEpoch, payloadChecksum: Checksum.crc32c(payload.bytes),
            byteOffset: expectation.byteOffset,
            durableOffset: PlantedBug.groupCalledDurable.isPlanted
                ? expectation.byteOffset : durableOffset,
            segmentTag: segmentTag)
        let start = expectation
        invariant(
            header.rawByteCount <= UInt32(EventLogLimits.frameRawByteCount),
            "FrameAssembler: a reader would refuse so long a payload")
        invariant(
            header.storedByteCount <= header.rawByteCount,
            "FrameAssembler: storing makes no payload longer")
        invariant(
            header.eventCount >= header.batchCount,
            "FrameAssembler: a batch has at least one event")
        invariant(
            (header.kind == .batches) == (header.batchCount > 0),
            "FrameAssembler: frames of batches have batches, others have none")
        invariant(header.frameNumber >= 1, "FrameAssembler: frames are numbered from 1")
        invariant(header.firstBatchNumber >= 1, "FrameAssembler: batches are numbered from 1")
        invariant(header.firstPosition > .start, "FrameAssembler: positions begin with 1")
        invariant(header.byteOffset % 8 == 0, "FrameAssembler: frames begin at multiples of 8")
        invariant(
            header.frameByteCount == payload.frameByteCount,
            "FrameAssembler: a frame is as long as was reckoned with")
        invariant(
            durableOffset <= header.byteOffset,
            "FrameAssembler: nothing is durable behind what is written")
        let before = buffer.count
        let frame = buffer.extend(by: Int(header.frameByteCount))
        header.encodePortable(into: frame)
        frame.copy(payload.bytes, at: FrameHeader.byteCount)
        let padding = FrameHeader.byteCount + payload.bytes.count
        let filler: UInt8 = PlantedBug.paddingNotZero.isPlanted ? 0xA5 : 0
        for index in padding..<frame.count { frame[index] = filler }
        let view = UnsafeRawBufferPointer(frame)
        header.chain = hash.chain(
            after: expectation.chain, header: view.slice(0, FrameHeader.portableByteCount),
            payload: view.slice(FrameHeader.byteCount, payload.bytes.count))
        header.encodeRest(into: frame)
        expectation.advance(over: header)
        invariant(
            UInt64(buffer.count - before) == expectation.byteOffset - start.byteOffset,
            "FrameAssembler: what was built is what is stepped over")
        invariant(
            expectation.frameNumber == start.frameNumber + 1,
            "FrameAssembler: frames follow one another")
        invariant(
            expectation.batchNumber == start.batchNumber + UInt64(content.batchCount),
            "FrameAssembler: batches follow one another")
        invariant(
            expectation.position.rawValue == start.position.rawValue + UInt64(content.eventCount),
            "FrameAssembler: positions follow one another")
        invariant(
            PlantedBug.timeGoesBack.isPlanted || expectation.time >= start.time,
            "FrameAssembler: times do not go back")
        return (header, view.slice(0, FrameHeader.byteCount))
    }
}
