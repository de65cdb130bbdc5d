package import DaybookCore

/// How far the log is known to be durable; one of two slots in the file `MARK`.
///
/// Written only after the `fdatasync` of what it vouches for returned, so any valid slot is proof.
///
/// Format: Schemas/log/FORMAT.md, Commit mark.
package struct CommitMark: Hashable, Sendable {
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// The log was closed in good order; nothing stands behind the durable offset.
        package static let clean = Flags(rawValue: 1)
        /// A write or sync failed; the segment must not be appended to again.
        package static let poisoned = Flags(rawValue: 2)
    }

    package var logID: LogID
    /// Even in slot A, odd in slot B; the higher valid one counts.
    package var generation: UInt64 = 0
    package var writerEpoch: UInt32
    package var flags: Flags
    /// 0 while the log is being created.
    package var segmentNumber: UInt64
    package var durableOffset: UInt64
    package var nextFrameNumber: UInt64
    package var nextBatchNumber: UInt64
    package var nextPosition: LogPosition
    package var lastTime: Instant
    /// At the durable offset.
    package var chain: Digest
    package var signedTreeSize: UInt64 = 0
    package var signedTreeRoot: Digest = .zero

    package static let byteCount = 256
    static let magic = Array("DBKMARK1".utf8)
}

extension CommitMark {
    package func encode(into bytes: UnsafeMutableRawBufferPointer) {
        invariant(bytes.count >= CommitMark.byteCount, "CommitMark: no room for the mark")
        invariant(flags.rawValue & ~3 == 0, "CommitMark: a reader would refuse other flags")
        for index in 0..<CommitMark.byteCount { bytes[index] = 0 }
        CommitMark.magic.withUnsafeBytes { bytes.copy($0, at: 0) }
        bytes.store(identifier: logID.rawValue, at: 8)
        bytes.store(generation, at: 24)
        bytes.store(writerEpoch, at: 32)
        bytes.store(flags.rawValue, at: 36)
        bytes.store(segmentNumber, at: 40)
        bytes.store(durableOffset, at: 48)
        bytes.store(nextFrameNumber, at: 56)
        bytes.store(nextBatchNumber, at: 64)
        bytes.store(nextPosition.rawValue, at: 72)
        bytes.store(lastTime, at: 80)
        bytes.store(chain, at: 88)
        bytes.store(signedTreeSize, at: 120)
        bytes.store(signedTreeRoot, at: 128)
        bytes.store(Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<252])), at: 252)
    }

    /// As evidence of a segment that is not there.
    var namesSegment: String { "mark-names-segment=\(segmentNumber)" }

    /// What a slot holds.
    package enum Slot: Hashable, Sendable {
        /// Never written.
        case empty
        case valid(CommitMark)
        case damaged

        package var mark: CommitMark? {
            if case .valid(let mark) = self { mark } else { nil }
        }
    }

    /// Reads the 256 bytes of slot A (`parity` 0) or B (1).
    package static func slot(decoding bytes: UnsafeRawBufferPointer, parity: UInt64) -> Slot {
        invariant(bytes.count >= CommitMark.byteCount, "CommitMark: fewer bytes than a mark has")
        invariant(parity <= 1, "CommitMark: there are two slots")
        guard bytes.starts(with: magic),
            bytes.uint32(at: 252) == Checksum.crc32c(bytes.slice(0, 252)),
            bytes.slice(160, 92).isZero, bytes.uint64(at: 24) & 1 == parity,
            bytes.uint32(at: 36) & ~3 == 0
        else { return bytes.slice(0, byteCount).isZero ? .empty : .damaged }
        let mark = CommitMark(
            logID: LogID(rawValue: bytes.identifier(at: 8)), generation: bytes.uint64(at: 24),
            writerEpoch: bytes.uint32(at: 32), flags: Flags(rawValue: bytes.uint32(at: 36)),
            segmentNumber: bytes.uint64(at: 40), durableOffset: bytes.uint64(at: 48),
            nextFrameNumber: bytes.uint64(at: 56), nextBatchNumber: bytes.uint64(at: 64),
            nextPosition: LogPosition(rawValue: bytes.uint64(at: 72)),
            lastTime: bytes.instant(at: 80), chain: bytes.digest(at: 88),
            signedTreeSize: bytes.uint64(at: 120), signedTreeRoot: bytes.digest(at: 128))
        return mark.isPlausible ? .valid(mark) : .damaged
    }

    /// Sums may not leave 64 bits, and offsets not a segment, so that a forged mark cannot make a
    /// reader trap.
    var isPlausible: Bool {
        let numbers = [nextFrameNumber, nextBatchNumber, nextPosition.rawValue]
        guard generation < 1 << 62, segmentNumber < 1 << 62,
            numbers.allSatisfy({ $0 >= 1 && $0 < 1 << 62 })
        else { return false }
        let least = UInt64(segmentNumber == 0 ? 0 : SegmentHeader.byteCount)
        return durableOffset >= least
            && durableOffset <= UInt64(EventLogLimits.largestSegmentByteCount)
    }
}
