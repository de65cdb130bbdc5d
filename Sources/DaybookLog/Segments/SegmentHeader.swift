package import DaybookCore

/// The first 4,096 bytes of a segment.
///
/// They begin with plain text, so that somebody who finds the file in twenty years can read it.
///
/// Format: Schemas/log/FORMAT.md, Segment header.
package struct SegmentHeader: Hashable, Sendable {
    package var logID: LogID
    package var number: UInt64
    package var firstFrameNumber: UInt64
    package var firstBatchNumber: UInt64
    package var firstPosition: LogPosition
    package var createdAt: Instant
    package var writerEpoch: UInt32
    /// The preallocated length: an unsealed file that is shorter is damaged.
    package var byteCount: UInt64
    /// Features that a reader may not know but may ignore, by whether it only reads.
    package var incompatibleFeatures: UInt32 = 0
    package var readOnlyCompatibleFeatures: UInt32 = 0
    package var compatibleFeatures: UInt32 = 0
    /// The chain before the first frame.
    package var chain: Digest
    /// Of the seal and trailer of the segment before; zero in the first.
    package var previousSeal: Digest
    /// Random, the same in all segments of a log, never shown.
    package var salt: Digest
    package var formatMinor: UInt16 = SegmentHeader.formatMinor

    package static let byteCount = 4096
    package static let formatMajor: UInt16 = 1
    package static let formatMinor: UInt16 = 0
    /// Not ASCII, CR LF, end of text, LF: whatever changes line ends or strips bits shows here.
    static let sentinel: [UInt8] = [0x89, 0x44, 0x42, 0x4B, 0x0D, 0x0A, 0x1A, 0x0A]
    /// 248 bytes, filled with spaces.
    static let text: [UInt8] = {
        let lines = """
            Daybook log segment, format 1.
            Append-only record of business events: a 4096-byte header, then frames.
            Layout: Schemas/log/FORMAT.md of the Daybook project (frames: LZ4 blocks of
            protobuf messages, Schemas/log/batch.proto).

            """
        let bytes = Array(lines.utf8)
        return bytes + Array(repeating: 0x20, count: 247 - bytes.count) + [0x0A]
    }()
    /// What every format of a Daybook segment begins with.
    static let textPrefix = Array("Daybook log segment, format ".utf8)
}

// MARK: - Encoding

extension SegmentHeader {
    package func encode(into bytes: UnsafeMutableRawBufferPointer) {
        invariant(bytes.count >= SegmentHeader.byteCount, "SegmentHeader: no room for the header")
        for index in 0..<SegmentHeader.byteCount { bytes[index] = 0 }
        SegmentHeader.text.withUnsafeBytes { bytes.copy($0, at: 0) }
        SegmentHeader.sentinel.withUnsafeBytes { bytes.copy($0, at: 248) }
        bytes.store(SegmentHeader.formatMajor, at: 256)
        bytes.store(formatMinor, at: 258)
        bytes.store(UInt32(SegmentHeader.byteCount), at: 260)
        bytes.store(identifier: logID.rawValue, at: 264)
        bytes.store(number, at: 280)
        bytes.store(firstFrameNumber, at: 288)
        bytes.store(firstBatchNumber, at: 296)
        bytes.store(firstPosition.rawValue, at: 304)
        bytes.store(createdAt, at: 312)
        bytes.store(writerEpoch, at: 320)
        bytes.store(byteCount, at: 328)
        bytes.store(incompatibleFeatures, at: 336)
        bytes.store(readOnlyCompatibleFeatures, at: 340)
        bytes.store(compatibleFeatures, at: 344)
        bytes.store(chain, at: 352)
        bytes.store(previousSeal, at: 384)
        bytes.store(salt, at: 416)
        let covered = UnsafeRawBufferPointer(rebasing: bytes[..<4092])
        bytes.store(Checksum.crc32c(covered), at: 4092)
    }

    package var encoded: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SegmentHeader.byteCount) { buffer, count in
            encode(into: UnsafeMutableRawBufferPointer(buffer))
            count = SegmentHeader.byteCount
        }
    }
}

// MARK: - Decoding

/// Why bytes are not a segment header.
package enum SegmentHeaderDefect: Error, Hashable, Sendable {
    case notALog
    case checksum
    case newerFormat(String)
    case reserved
    case implausible(String)
}

extension SegmentHeader {
    /// - Parameters:
    ///   - bytes: 4,096 bytes.
    ///   - forWriting: refuses features that only a reader may ignore.
    package init(decoding bytes: UnsafeRawBufferPointer, forWriting: Bool)
        throws(SegmentHeaderDefect)
    {
        invariant(
            bytes.count >= SegmentHeader.byteCount, "SegmentHeader: fewer bytes than a header has")
        guard
            bytes.uint32(at: 4092) == Checksum.crc32c(bytes.slice(0, 4092))
                || PlantedBug.headerChecksumIgnored.isPlanted
        else {
            let begins = bytes.starts(with: SegmentHeader.textPrefix)
            throw begins || bytes.slice(248, 8).elementsEqual(SegmentHeader.sentinel)
                ? .checksum : .notALog
        }
        guard bytes.starts(with: SegmentHeader.textPrefix),
            bytes.slice(248, 8).elementsEqual(SegmentHeader.sentinel)
        else { throw .notALog }
        let major = bytes.uint16(at: 256)
        guard major == SegmentHeader.formatMajor else {
            throw .newerFormat("format \(major).\(bytes.uint16(at: 258))")
        }
        formatMinor = bytes.uint16(at: 258)
        guard formatMinor <= SegmentHeader.formatMinor || !forWriting else {
            throw .newerFormat("format 1.\(formatMinor)")
        }
        incompatibleFeatures = bytes.uint32(at: 336)
        readOnlyCompatibleFeatures = bytes.uint32(at: 340)
        compatibleFeatures = bytes.uint32(at: 344)
        guard incompatibleFeatures == 0, readOnlyCompatibleFeatures == 0 || !forWriting else {
            throw .newerFormat(
                "feature bits \(incompatibleFeatures), \(readOnlyCompatibleFeatures)")
        }
        logID = LogID(rawValue: bytes.identifier(at: 264))
        number = bytes.uint64(at: 280)
        firstFrameNumber = bytes.uint64(at: 288)
        firstBatchNumber = bytes.uint64(at: 296)
        firstPosition = LogPosition(rawValue: bytes.uint64(at: 304))
        createdAt = bytes.instant(at: 312)
        writerEpoch = bytes.uint32(at: 320)
        byteCount = bytes.uint64(at: 328)
        chain = bytes.digest(at: 352)
        previousSeal = bytes.digest(at: 384)
        salt = bytes.digest(at: 416)
        try checkPlausible(bytes)
    }

    private func checkPlausible(_ bytes: UnsafeRawBufferPointer) throws(SegmentHeaderDefect) {
        let isKnown = formatMinor == SegmentHeader.formatMinor
        guard
            !isKnown
                || bytes.uint32(at: 324) == 0 && bytes.uint32(at: 348) == 0
                    && bytes.slice(448, 4092 - 448).isZero
        else { throw .reserved }
        guard bytes.uint32(at: 260) == SegmentHeader.byteCount else {
            throw .implausible("header length")
        }
        guard byteCount >= UInt64(EventLogLimits.smallestSegmentByteCount),
            byteCount <= UInt64(EventLogLimits.largestSegmentByteCount), byteCount % 4096 == 0
        else { throw .implausible("file length \(byteCount)") }
        guard number >= 1, number < 1 << 62, firstFrameNumber >= 1, firstFrameNumber < 1 << 62,
            firstBatchNumber >= 1, firstBatchNumber < 1 << 62, firstPosition.rawValue >= 1,
            firstPosition.rawValue < 1 << 62
        else { throw .implausible("numbers") }
    }

    /// What the first frame must say.
    package var expectation: FrameExpectation {
        FrameExpectation(
            byteOffset: UInt64(SegmentHeader.byteCount), frameNumber: firstFrameNumber,
            batchNumber: firstBatchNumber, position: firstPosition,
            time: Instant(microseconds: .min), writerEpoch: 0, chain: chain)
    }
}
