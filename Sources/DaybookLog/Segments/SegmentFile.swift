internal import DaybookCore

/// An existing segment whose header, and seal where it has one, were read and checked.
struct SegmentFile {
    let file: any StorageFile
    let header: SegmentHeader
    let headerBytes: [UInt8]
    /// The length that the file has.
    let byteCount: UInt64
    let segmentTag: UInt32
    let sealed: SealedEnd?

    /// What stands at the end of a sealed segment.
    struct SealedEnd {
        var seal: Seal
        var frame: FrameHeader
        /// Of the bytes from the seal to the end of the file.
        var digest: Digest

        /// What the first frame of the next segment must say, except for its place.
        var expectation: FrameExpectation {
            FrameExpectation(
                byteOffset: UInt64(SegmentHeader.byteCount), frameNumber: seal.nextFrameNumber,
                batchNumber: seal.nextBatchNumber, position: seal.nextPosition, time: frame.time,
                writerEpoch: frame.writerEpoch, chain: frame.chain)
        }
    }

    /// What the first frame must say, given the segment before.
    func expectation(after previous: SegmentFile?) -> FrameExpectation {
        previous?.sealed?.expectation ?? header.expectation
    }

    /// A count of nothing yet.
    func emptyTally(_ hash: HashFunction) -> SegmentTally {
        headerBytes.withUnsafeBytes { SegmentTally(segmentHeader: $0, hash: hash) }
    }

    func walker(
        after previous: SegmentFile?, hash: HashFunction, countsLeaves: Bool,
        readAhead: Int = 256 << 10
    ) -> FrameWalker {
        let frontier = previous?.sealed?.seal.frontier ?? MerkleFrontier()
        invariant(
            frontier.size + 1 == expectation(after: previous).batchNumber,
            "SegmentFile: one leaf a batch before it")
        return FrameWalker(
            window: SegmentWindow(file: file, readAhead: readAhead), hash: hash,
            segmentTag: segmentTag, expectation: expectation(after: previous),
            tally: emptyTally(hash), frontier: countsLeaves ? frontier : nil)
    }
}

// MARK: - Opening

extension SegmentFile {
    /// Opens a segment and checks its header, and its seal where the file ends in a trailer.
    ///
    /// - Parameter provesLog: whether something else says that the directory holds a log; a file that
    ///   does not begin like a segment is damage then, not a stranger.
    /// - Throws: `.damaged` with the exact range, `.newerFormat`, `.notALog`, `.io`.
    static func open(
        _ number: UInt64, in storage: any Storage, forWriting: Bool, provesLog: Bool,
        hash: HashFunction
    ) throws(EventLogError) -> SegmentFile {
        let name = LogFileName.segment(number)
        let file = try storage.open(name, .read)
        let byteCount = try file.byteCount()
        let headerBytes = try file.bytes(at: 0, count: SegmentHeader.byteCount)
        let header = try decodeHeader(
            headerBytes, number, file: name, forWriting: forWriting, provesLog: provesLog)
        let segmentTag = hash.segmentTag(salt: header.salt, segment: number)
        invariant(
            headerBytes.count == SegmentHeader.byteCount, "SegmentFile: a whole header was decoded")
        let sealed = try sealedEnd(
            of: file, header, headerBytes, byteCount: byteCount, segmentTag: segmentTag, hash: hash)
        invariant(
            (sealed?.frame.byteOffset ?? byteCount) <= byteCount,
            "SegmentFile: the seal lies in the file")
        return SegmentFile(
            file: file, header: header, headerBytes: headerBytes, byteCount: byteCount,
            segmentTag: segmentTag, sealed: sealed)
    }

    private static func decodeHeader(
        _ bytes: [UInt8], _ number: UInt64, file: String, forWriting: Bool, provesLog: Bool
    ) throws(EventLogError) -> SegmentHeader {
        func damaged(_ evidence: String) -> EventLogError {
            EventLogError(
                DamageFinding(
                    kind: .corrupt, file: file, segment: number,
                    byteRange: 0..<UInt64(SegmentHeader.byteCount), evidence: evidence))
        }
        guard bytes.count == SegmentHeader.byteCount else {
            throw damaged("file-ends-inside-header")
        }
        let decoded = bytes.withUnsafeBytes { bytes -> Result<SegmentHeader, SegmentHeaderDefect> in
            do throws(SegmentHeaderDefect) {
                return .success(try SegmentHeader(decoding: bytes, forWriting: forWriting))
            } catch {
                return .failure(error)
            }
        }
        switch decoded {
        case .success(let header):
            guard header.number == number else {
                throw damaged("header-of-segment=\(header.number)")
            }
            return header
        case .failure(.newerFormat(let what)):
            throw EventLogError(
                .newerFormat, "written by a newer version (\(what)); use that version", file: file)
        case .failure(.notALog):
            guard !provesLog else { throw damaged("does-not-begin-like-a-segment") }
            throw EventLogError(.notALog, "does not begin like a Daybook log segment", file: file)
        case .failure(.checksum): throw damaged("segment-header-checksum")
        case .failure(.reserved): throw damaged("reserved-byte-set")
        case .failure(.implausible(let what)): throw damaged("implausible \(what)")
        }
    }

    /// Reads trailer and seal; `nil` when the file does not end in a trailer.
    private static func sealedEnd(
        of file: any StorageFile, _ header: SegmentHeader, _ headerBytes: [UInt8],
        byteCount: UInt64, segmentTag: UInt32, hash: HashFunction
    ) throws(EventLogError) -> SealedEnd? {
        let trailerByteCount = UInt64(SegmentTrailer.byteCount)
        guard byteCount >= UInt64(SegmentHeader.byteCount) + trailerByteCount else { return nil }
        let trailerBytes = try file.bytes(
            at: byteCount - trailerByteCount, count: SegmentTrailer.byteCount)
        guard trailerBytes.count == SegmentTrailer.byteCount,
            let trailer = trailerBytes.withUnsafeBytes({
                SegmentTrailer(decoding: $0, fileByteCount: byteCount)
            }), trailer.segmentNumber == header.number, trailer.logID == header.logID
        else { return nil }
        // Before anything is allocated for it.
        let longest = UInt64(EventLogLimits.largestSegmentByteCount)
        guard trailer.sealByteCount <= Seal.reservedByteCount(inSegmentOf: longest) else {
            throw sealDamage(file.name, trailer, "seal-\(FrameDefect.badLength)")
        }
        invariant(
            trailer.sealOffset + trailer.sealByteCount < byteCount,
            "SegmentFile: a seal stands before its trailer")
        let end = try file.bytes(
            at: trailer.sealOffset, count: Int(byteCount - trailer.sealOffset))
        let decoded = end.withUnsafeBytes { end -> Result<SealedEnd, FrameDefect> in
            do throws(FrameDefect) {
                return .success(
                    try SealedEnd(decoding: end, trailer, segmentTag: segmentTag, hash: hash))
            } catch {
                return .failure(error)
            }
        }
        switch decoded {
        case .success(let sealed):
            guard sealed.seal.headerCopy == headerBytes else {
                throw sealDamage(file.name, trailer, "seal-header-copy-differs")
            }
            return sealed
        case .failure(let defect):
            throw sealDamage(file.name, trailer, "seal-\(defect)")
        }
    }

    private static func sealDamage(_ file: String, _ trailer: SegmentTrailer, _ evidence: String)
        -> EventLogError
    {
        EventLogError(
            DamageFinding(
                kind: .corrupt, file: file, segment: trailer.segmentNumber,
                byteRange: trailer.sealOffset..<(trailer.sealOffset + trailer.sealByteCount),
                evidence: evidence))
    }
}

extension SegmentFile.SealedEnd {
    /// - Parameter end: the bytes from the seal to the end of the file.
    init(
        decoding end: UnsafeRawBufferPointer, _ trailer: SegmentTrailer, segmentTag: UInt32,
        hash: HashFunction
    ) throws(FrameDefect) {
        guard end.count >= FrameHeader.byteCount + SegmentTrailer.byteCount else {
            throw .beyondEnd
        }
        let frame = try FrameHeader(decoding: end)
        guard frame.kind == .seal, frame.codec == .none else { throw .content("not a seal") }
        guard frame.byteOffset == trailer.sealOffset else { throw .misplaced(frame.byteOffset) }
        guard frame.segmentTag == segmentTag else { throw .foreignSegment }
        guard frame.frameByteCount == trailer.sealByteCount,
            Int(frame.frameByteCount) + SegmentTrailer.byteCount == end.count
        else { throw .badLength }
        let stored = Int(frame.storedByteCount)
        let payload = end.slice(FrameHeader.byteCount, stored)
        guard Checksum.crc32c(payload) == frame.payloadChecksum else { throw .payloadChecksum }
        let seal = try Seal(decoding: payload)
        guard seal.nextFrameNumber == frame.frameNumber + 1,
            seal.nextBatchNumber == frame.firstBatchNumber,
            seal.nextPosition == frame.firstPosition
        else { throw .content("seal numbers") }
        for entry in seal.tally.entries {
            guard entry.byteOffset >= UInt64(SegmentHeader.byteCount),
                entry.byteOffset < frame.byteOffset, entry.position < seal.nextPosition
            else { throw .content("sparse index beyond the seal") }
        }
        // Which is why no padding is looked at.
        invariant(
            FrameHeader.byteCount + stored == Int(frame.frameByteCount),
            "SealedEnd: nothing pads it")
        self.seal = seal
        self.frame = frame
        digest = hash.sealDigest(of: end)
    }
}
