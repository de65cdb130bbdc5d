internal import DaybookCore

/// Corrects a damaged segment header: from the copy in the seal, or one bit by its checksum.
struct HeaderRepair {
    /// The header as it was written, if what the walk over the frames finds confirms it.
    struct Guess {
        var header: SegmentHeader
        var bytes: [UInt8]
        var isSealCopy: Bool
    }

    /// The copy in a seal whose own checksums are right. The walk proves the seal by the chain.
    static func sealCopy(inEndOf file: any StorageFile, byteCount: UInt64) throws(EventLogError)
        -> Guess?
    {
        let count = SegmentTrailer.byteCount
        guard byteCount >= UInt64(SegmentHeader.byteCount + count) else { return nil }
        let trailerBytes = try file.bytes(at: byteCount - UInt64(count), count: count)
        guard trailerBytes.count == count,
            let trailer = trailerBytes.withUnsafeBytes({
                SegmentTrailer(decoding: $0, fileByteCount: byteCount)
            })
        else { return nil }
        let seal = try file.bytes(at: trailer.sealOffset, count: Int(trailer.sealByteCount))
        let copy = seal.withUnsafeBytes { seal -> [UInt8]? in
            do throws(FrameDefect) {
                guard seal.count >= FrameHeader.byteCount else { return nil }
                let header = try FrameHeader(decoding: seal.slice(0, FrameHeader.byteCount))
                guard header.kind == .seal, header.codec == .none,
                    header.frameByteCount == UInt64(seal.count)
                else { return nil }
                let payload = seal.slice(FrameHeader.byteCount, Int(header.storedByteCount))
                guard Checksum.crc32c(payload) == header.payloadChecksum else { return nil }
                return try Seal(decoding: payload).headerCopy
            } catch {
                return nil
            }
        }
        guard let copy, let header = decode(copy) else { return nil }
        return Guess(header: header, bytes: copy, isSealCopy: true)
    }

    /// The only header that differs in one bit and whose checksum is right.
    static func singleBit(_ bytes: [UInt8]) -> Guess? {
        var corrected = bytes
        guard ChecksumSyndrome.correct(&corrected, checksumOffset: SegmentHeader.byteCount - 4),
            let header = decode(corrected)
        else { return nil }
        return Guess(header: header, bytes: corrected, isSealCopy: false)
    }

    /// The proof of a correction by the checksum in a segment that is not sealed.
    ///
    /// Every field of the header is known from elsewhere (the format, the file's name and length,
    /// the segment before, which was compared already), except for creation time, epoch and salt.
    /// The first two are those of the note with which the same writer began the segment; without
    /// that note nothing but the checksum speaks for them, and nothing follows from them. The salt
    /// is the other segments', or makes the tag that the frames carry.
    ///
    /// - Parameters:
    ///   - firstFrame: of the segment; right in every respect.
    ///   - isSaltKnown: whether another segment was compared.
    static func proof(
        of guess: Guess, damaged: [UInt8], firstFrame: FrameHeader?, isSaltKnown: Bool
    ) -> ProposedRepair.Proof {
        let changed = guess.bytes.indices.filter { guess.bytes[$0] != damaged[$0] }
        let times = 312..<324
        let salt = 416..<448
        if changed.contains(where: times.contains) {
            guard let firstFrame, firstFrame.kind == .note,
                firstFrame.time == guess.header.createdAt,
                firstFrame.writerEpoch == guess.header.writerEpoch
            else { return .checksum }
        }
        if changed.contains(where: salt.contains), firstFrame == nil, !isSaltKnown {
            return .checksum
        }
        return .knownValue
    }

    private static func decode(_ bytes: [UInt8]) -> SegmentHeader? {
        bytes.withUnsafeBytes { bytes in
            do throws(SegmentHeaderDefect) {
                return try SegmentHeader(decoding: bytes, forWriting: false)
            } catch {
                return nil
            }
        }
    }
}
