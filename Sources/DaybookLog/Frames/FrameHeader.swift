package import DaybookCore

/// What a frame carries.
package enum FrameKind: UInt8, Sendable {
    /// One or more whole batches.
    case batches = 1
    /// The end of a segment.
    case seal = 2
    /// Something about the log, such as the schemas of its events; no batch.
    case note = 3
}

/// How a payload is stored.
package enum FrameCodec: UInt8, Sendable {
    case none = 0
    case lz4 = 1
}

/// The 128 bytes in front of every payload.
///
/// Bytes 0 ..< 72 are portable and covered by the chain; 104 ..< 128 belong to this file and are
/// covered by the header checksum only.
///
/// Format: Schemas/log/FORMAT.md, Frame header.
package struct FrameHeader: Hashable, Sendable {
    package var kind: FrameKind
    package var codec: FrameCodec
    package var flags: UInt16 = 0
    package var storedByteCount: UInt32
    package var rawByteCount: UInt32
    package var frameNumber: UInt64
    package var firstBatchNumber: UInt64
    package var firstPosition: LogPosition
    package var batchCount: UInt32
    package var eventCount: UInt32
    package var time: Instant
    package var writerEpoch: UInt32
    package var payloadChecksum: UInt32
    package var chain: Digest = .zero
    package var byteOffset: UInt64
    /// Everything below was covered by a successful `fdatasync` before this frame was written.
    package var durableOffset: UInt64
    package var segmentTag: UInt32

    package static let byteCount = 128
    package static let portableByteCount = 72
    /// The bytes F5 'D' 'B' 'F'; the first is never 0, so a zero byte means that no frame begins.
    package static let magic: UInt32 = 0x4642_44F5
    /// Flag: the wall clock stood before the previous frame's time, which was kept instead.
    package static let clockWentBack: UInt16 = 1 << 8
    /// Bits 0 ... 7 must be understood; none is defined.
    static let mustUnderstandFlags: UInt16 = 0x00FF

    /// The length of payload and padding after the header.
    static func paddedByteCount(stored: UInt32) -> UInt64 { UInt64(stored).roundedUp(to: 8) }

    /// Header, payload and padding.
    package var frameByteCount: UInt64 {
        UInt64(FrameHeader.byteCount) + FrameHeader.paddedByteCount(stored: storedByteCount)
    }

    package var endOffset: UInt64 { byteOffset + frameByteCount }

    /// Whether one of its events has the position.
    func holds(_ position: LogPosition) -> Bool {
        position >= firstPosition
            && position.rawValue - firstPosition.rawValue < UInt64(eventCount)
    }

    /// The positions of its events, `nil` when there are none.
    package var positions: ClosedRange<LogPosition>? {
        guard eventCount > 0 else { return nil }
        return firstPosition...firstPosition.advanced(by: Int(eventCount) - 1)
    }
}

// MARK: - Encoding

extension FrameHeader {
    /// Writes the part that the chain covers.
    func encodePortable(into bytes: UnsafeMutableRawBufferPointer) {
        invariant(
            bytes.count >= FrameHeader.portableByteCount,
            "FrameHeader: no room for the portable part")
        bytes.store(FrameHeader.magic, at: 0)
        bytes[4] = kind.rawValue
        bytes[5] = codec.rawValue
        bytes.store(flags, at: 6)
        bytes.store(storedByteCount, at: 8)
        bytes.store(rawByteCount, at: 12)
        bytes.store(frameNumber, at: 16)
        bytes.store(firstBatchNumber, at: 24)
        bytes.store(firstPosition.rawValue, at: 32)
        bytes.store(batchCount, at: 40)
        bytes.store(eventCount, at: 44)
        bytes.store(time, at: 48)
        bytes.store(writerEpoch, at: 56)
        bytes.store(payloadChecksum, at: 60)
        bytes.store(UInt64(0), at: 64)
    }

    /// Writes the rest, once the chain is known.
    func encodeRest(into bytes: UnsafeMutableRawBufferPointer) {
        invariant(bytes.count >= FrameHeader.byteCount, "FrameHeader: no room for the header")
        invariant(
            UnsafeRawBufferPointer(bytes).uint32(at: 0) == FrameHeader.magic,
            "FrameHeader: the portable part comes first, the checksum covers it")
        bytes.store(chain, at: 72)
        bytes.store(byteOffset, at: 104)
        bytes.store(durableOffset, at: 112)
        bytes.store(segmentTag, at: 120)
        bytes.store(Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<124])), at: 124)
    }

    /// Reads a header. Nothing of it is trusted before its checksum passed.
    ///
    /// - Parameter bytes: 128 bytes.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(FrameDefect) {
        invariant(
            bytes.count >= FrameHeader.byteCount, "FrameHeader: fewer bytes than a header has")
        guard bytes.uint32(at: 0) == FrameHeader.magic else {
            throw .noFrame(isZero: bytes.slice(0, FrameHeader.byteCount).isZero)
        }
        guard bytes.uint32(at: 124) == Checksum.crc32c(bytes.slice(0, 124)) else {
            throw .headerChecksum
        }
        guard let kind = FrameKind(rawValue: bytes[4]) else { throw .unknownKind(bytes[4]) }
        guard let codec = FrameCodec(rawValue: bytes[5]) else { throw .unknownCodec(bytes[5]) }
        let flags = bytes.uint16(at: 6)
        guard flags & FrameHeader.mustUnderstandFlags == 0 else { throw .unknownFlags(flags) }
        guard bytes.uint64(at: 64) == 0 else { throw .reserved }
        self.kind = kind
        self.codec = codec
        self.flags = flags
        storedByteCount = bytes.uint32(at: 8)
        rawByteCount = bytes.uint32(at: 12)
        frameNumber = bytes.uint64(at: 16)
        firstBatchNumber = bytes.uint64(at: 24)
        firstPosition = LogPosition(rawValue: bytes.uint64(at: 32))
        batchCount = bytes.uint32(at: 40)
        eventCount = bytes.uint32(at: 44)
        time = bytes.instant(at: 48)
        writerEpoch = bytes.uint32(at: 56)
        payloadChecksum = bytes.uint32(at: 60)
        chain = bytes.digest(at: 72)
        byteOffset = bytes.uint64(at: 104)
        durableOffset = bytes.uint64(at: 112)
        segmentTag = bytes.uint32(at: 120)
        guard hasPlausibleLengths, hasPlausibleCounts else { throw .badLength }
    }

    /// Refused before anything is allocated for the payload.
    private var hasPlausibleLengths: Bool {
        guard rawByteCount <= UInt32(EventLogLimits.frameRawByteCount),
            UInt64(rawByteCount) <= 255 * UInt64(storedByteCount) + 64
        else { return false }
        return codec == .none
            ? storedByteCount == rawByteCount : storedByteCount < rawByteCount
    }

    private var hasPlausibleCounts: Bool {
        guard frameNumber >= 1, firstBatchNumber >= 1, firstPosition.rawValue >= 1 else {
            return false
        }
        // Sums may not leave 64 bits, so that a forged header cannot make a reader trap.
        guard frameNumber < 1 << 62, firstBatchNumber < 1 << 62, firstPosition.rawValue < 1 << 62,
            byteOffset < 1 << 62
        else { return false }
        return kind == .batches
            ? batchCount >= 1 && eventCount >= batchCount : batchCount == 0 && eventCount == 0
    }
}
