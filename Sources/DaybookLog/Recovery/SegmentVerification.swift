internal import DaybookCore

/// Checks one segment and goes on behind damage, so that one run names every place.
struct SegmentVerification {
    let number: UInt64
    let isLast: Bool
    let hash: HashFunction
    let mark: CommitMark?
    let previousEnd: SegmentFile.SealedEnd?
    let storage: any Storage
    private let depth: VerificationDepth
    let file: any StorageFile
    let byteCount: UInt64
    /// As they are in the file, or corrected.
    var headerBytes: [UInt8]
    /// The segment's own, also when it was corrected; `nil` when it is lost.
    var header: SegmentHeader?
    let knownHeader: SegmentHeader?
    var findings: [DamageFinding] = []
    /// A correction of the header that the walk has to confirm.
    var headerGuess: (guess: HeaderRepair.Guess, damaged: [UInt8], finding: Int)?
    /// Where frames end, ascending, and what the last one and the first one say.
    var frameEnds: [UInt64] = []
    var lastDurableOffset = UInt64(SegmentHeader.byteCount)
    var firstFrame: FrameHeader?
    /// Offsets of this segment that corrected mark slots name, and what is true there.
    let offsetsToNote: Set<UInt64>
    private(set) var noted: [UInt64: FrameExpectation] = [:]
    private(set) var frameCount: UInt64 = 0
    private(set) var batchCount: UInt64 = 0
    private(set) var eventCount: UInt64 = 0
    private(set) var head: LogHead?
    /// What the frame behind the last right one would say.
    private(set) var end: FrameExpectation?
    private(set) var merkleRoot: Digest?
    /// Trailer and seal, when they are right.
    var sealedEnd: SegmentFile.SealedEnd?
    var trailer: SegmentTrailer?
    /// What follows the mark's offset, once the walk came by.
    var atMark: FrameExpectation?

    init(
        _ number: UInt64, isLast: Bool, storage: any Storage, hash: HashFunction,
        mark: CommitMark?, previousEnd: SegmentFile.SealedEnd?, knownHeader: SegmentHeader?,
        depth: VerificationDepth = .content, offsetsToNote: Set<UInt64> = []
    ) throws(EventLogError) {
        self.storage = storage
        self.offsetsToNote = offsetsToNote
        self.depth = depth
        self.number = number
        self.isLast = isLast
        self.hash = hash
        self.mark = mark
        self.previousEnd = previousEnd
        self.knownHeader = knownHeader
        file = try storage.open(LogFileName.segment(number), .read)
        byteCount = try file.byteCount()
        headerBytes = try file.bytes(at: 0, count: SegmentHeader.byteCount)
    }

    mutating func run() throws(EventLogError) {
        try checkHeader()
        guard headerBytes.count == SegmentHeader.byteCount, let start = expectation else { return }
        try readTrailer()
        let segmentTag = salt.map { hash.segmentTag(salt: $0, segment: number) }
        // The tree is known from its beginning, or from the seal before; a header may claim another beginning.
        let frontier = previousEnd?.seal.frontier ?? MerkleFrontier()
        let isFrontierKnown = depth == .content && frontier.size + 1 == start.batchNumber
        let walker = FrameWalker(
            // In pieces that stay in the processor's cache until they are hashed.
            window: SegmentWindow(file: file), hash: hash, segmentTag: segmentTag,
            expectation: start,
            tally: headerBytes.withUnsafeBytes { SegmentTally(segmentHeader: $0, hash: hash) },
            frontier: isFrontierKnown ? frontier : nil)
        try walk(walker, segmentTag)
        invariant(
            UInt64(frameEnds.count) == frameCount, "SegmentVerification: every frame has an end")
        invariant(
            walker.expectation.byteOffset >= start.byteOffset,
            "SegmentVerification: the walk begins with the first frame")
        invariant(
            walker.expectation.byteOffset <= max(framesEnd, start.byteOffset),
            "SegmentVerification: the walk ends with the frames")
        merkleRoot = walker.frontier?.root(hash: hash)
        head = walker.expectation.head
        end = walker.expectation
        confirmHeader(walker)
        checkMark(walker)
        try readSealedEnd(walker, segmentTag)
    }

    mutating func report(
        _ range: Range<UInt64>, _ evidence: String, kind: DamageFinding.Kind = .corrupt,
        expectedBatch: UInt64? = nil, positions: ClosedRange<LogPosition>? = nil,
        repair: ProposedRepair? = nil
    ) {
        findings.append(
            DamageFinding(
                kind: kind, file: LogFileName.segment(number), segment: number, byteRange: range,
                expectedBatch: expectedBatch, positions: positions, evidence: evidence,
                repair: repair))
    }

    /// What was read so far is right, or is once the proposed repairs are made.
    var isProvenSoFar: Bool { findings.allSatisfy { $0.repair != nil } }
}

// MARK: - Header and trailer

extension SegmentVerification {
    private var salt: Digest? { header?.salt ?? knownHeader?.salt }

    /// What the first frame must say; also from the segment before when the header is damaged.
    private var expectation: FrameExpectation? {
        previousEnd?.expectation ?? header?.expectation ?? (number == 1 ? firstExpectation : nil)
    }

    /// The first segment begins with known numbers, whatever its header says.
    private var firstExpectation: FrameExpectation? {
        guard let logID = mark?.logID else { return nil }
        return SealedTail.genesis(of: logID, hash: hash).expectation
    }

    private mutating func checkHeader() throws(EventLogError) {
        let range = 0..<UInt64(SegmentHeader.byteCount)
        guard headerBytes.count == SegmentHeader.byteCount else {
            report(byteCount..<range.upperBound, "file-ends-inside-header", kind: .missing)
            return
        }
        let decoded = headerBytes.withUnsafeBytes {
            bytes -> Result<SegmentHeader, SegmentHeaderDefect> in
            do throws(SegmentHeaderDefect) {
                return .success(try SegmentHeader(decoding: bytes, forWriting: false))
            } catch {
                return .failure(error)
            }
        }
        switch decoded {
        case .failure(let defect):
            report(range, "segment-header-\(defect)")
            if defect == .checksum || defect == .notALog { try guessHeader() }
        case .success(let header):
            self.header = header
            if header.number != number {
                report(range, "header-of-segment=\(header.number)")
            } else if let evidence = brokenLink(header) {
                report(range, evidence)
            }
        }
    }

    func brokenLink(_ header: SegmentHeader) -> String? {
        if let mark, mark.logID != header.logID { return "log-id-differs-from-mark" }
        if let knownHeader, knownHeader.logID != header.logID { return "segment-of-another-log" }
        if let knownHeader, knownHeader.salt != header.salt { return "salt-differs" }
        if number == 1 {
            guard header.chain == hash.genesisChain(of: header.logID),
                header.previousSeal == .zero, header.firstFrameNumber == 1,
                header.firstBatchNumber == 1, header.firstPosition.rawValue == 1
            else { return "first-segment-numbers" }
        }
        guard let previousEnd else { return nil }
        guard header.previousSeal == previousEnd.digest else { return "previous-seal-digest" }
        guard header.chain == previousEnd.frame.chain else { return "chain-broken" }
        guard header.firstFrameNumber == previousEnd.seal.nextFrameNumber,
            header.firstBatchNumber == previousEnd.seal.nextBatchNumber,
            header.firstPosition == previousEnd.seal.nextPosition
        else { return "first-numbers" }
        return nil
    }

    private mutating func readTrailer() throws(EventLogError) {
        let count = SegmentTrailer.byteCount
        guard byteCount >= UInt64(SegmentHeader.byteCount + count) else { return }
        let bytes = try file.bytes(at: byteCount - UInt64(count), count: count)
        guard bytes.count == count else { return }
        trailer = bytes.withUnsafeBytes {
            SegmentTrailer(decoding: $0, fileByteCount: byteCount)
        }
        invariant(
            framesEnd >= UInt64(SegmentHeader.byteCount),
            "SegmentVerification: frames end behind the header")
    }

    /// The file is at its preallocated length: the segment was not sealed.
    var isActive: Bool {
        guard isLast, trailer == nil else { return false }
        guard let header else { return true }
        return byteCount == header.byteCount
    }

    /// Where frames end at the latest.
    var framesEnd: UInt64 {
        trailer == nil ? byteCount : byteCount - UInt64(SegmentTrailer.byteCount)
    }
}

// MARK: - Frames

extension SegmentVerification {
    private mutating func walk(_ walker: FrameWalker, _ segmentTag: UInt32?)
        throws(EventLogError)
    {
        var place = walker.expectation
        while try walkOn(walker, segmentTag) {
            invariant(
                walker.expectation.byteOffset > place.byteOffset,
                "SegmentVerification: a walk goes forward, so it ends")
            place = walker.expectation
        }
    }

    /// - Returns: whether there is more of the segment.
    private mutating func walkOn(_ walker: FrameWalker, _ segmentTag: UInt32?)
        throws(EventLogError) -> Bool
    {
        noteMark(walker)
        let place = walker.expectation
        switch try walker.step(end: framesEnd) {
        case .frame(let header, _): count(header)
        case .stopped(let defect):
            if case .beyondEnd = defect, place.byteOffset == framesEnd, trailer == nil {
                return false
            }
            if let tail = try tornEnd(at: place, defect, segmentTag) {
                try reportActiveEnd(place, defect, tail)
                return false
            }
            guard try stepOverCorrected(walker, defect, segmentTag) else {
                return try goOn(walker, behind: defect, segmentTag)
            }
        }
        guard let (frame, seal) = walker.seal else { return true }
        checkSeal(frame, seal, walker, at: place)
        try checkEnd(after: walker)
        return false
    }

    mutating func count(_ header: FrameHeader) {
        if header.byteOffset == UInt64(SegmentHeader.byteCount) { firstFrame = header }
        invariant(
            header.byteOffset >= frameEnds.last ?? 0,
            "SegmentVerification: frames follow one another")
        invariant(
            header.durableOffset <= header.byteOffset,
            "SegmentVerification: no frame vouches for itself")
        frameEnds.append(header.endOffset)
        lastDurableOffset = header.durableOffset
        frameCount += 1
        batchCount += UInt64(header.batchCount)
        eventCount += UInt64(header.eventCount)
    }

    private mutating func noteMark(_ walker: FrameWalker) {
        if offsetsToNote.contains(walker.expectation.byteOffset), !walker.isChainUnknown {
            noted[walker.expectation.byteOffset] = walker.expectation
        }
        guard let mark, mark.segmentNumber == number,
            mark.durableOffset == walker.expectation.byteOffset
        else { return }
        atMark = walker.expectation
    }

    /// What follows V in the active segment when nothing proves that it was ever acknowledged: opening
    /// takes it for a torn write, also where one bit would make a frame of it.
    private func tornEnd(
        at place: FrameExpectation, _ defect: FrameDefect, _ segmentTag: UInt32?
    ) throws(EventLogError) -> TailScan? {
        guard isActive, !defect.isNeverTorn else { return nil }
        let tail = try TailScan(
            file, from: place.byteOffset, end: framesEnd, segmentTag: segmentTag)
        return provenOffset(tail) <= place.byteOffset ? tail : nil
    }

    /// Reports a defect and finds the place to go on from.
    ///
    /// - Returns: `false` at the end of the segment.
    private mutating func goOn(
        _ walker: FrameWalker, behind defect: FrameDefect, _ segmentTag: UInt32?
    ) throws(EventLogError) -> Bool {
        let place = walker.expectation
        if let header = try readableHeader(at: place, walker, segmentTag) {
            reportFrame(header, place, defect)
            walker.stepOver(header)
            if header.kind == .seal {
                try checkEnd(after: walker)
                return false
            }
            return true
        }
        let start = place.byteOffset + 8
        let tail = try TailScan(
            file, from: place.byteOffset, end: framesEnd, segmentTag: segmentTag)
        let next = tail.frames.first { $0.byteOffset >= start }
        if isActive, next == nil {
            try reportActiveEnd(place, defect, tail)
            return false
        }
        if next == nil, trailer == nil, tail.residueEnd == nil {
            // Zeros up to an end that comes too early or too late; that is reported as missing.
            return false
        }
        reportGap(place, defect, next: next)
        guard let next else { return false }
        walker.resume(at: next)
        return true
    }

    /// A header that is right in itself and in its place, although the frame is not.
    private func readableHeader(
        at place: FrameExpectation, _ walker: FrameWalker, _ segmentTag: UInt32?
    ) throws(EventLogError) -> FrameHeader? {
        guard
            case .frame(let header, _) = try walker.window.frame(
                at: place.byteOffset, end: framesEnd), header.byteOffset == place.byteOffset,
            segmentTag == nil || header.segmentTag == segmentTag
        else { return nil }
        return header
    }

    mutating func reportFrame(
        _ header: FrameHeader, _ place: FrameExpectation, _ defect: FrameDefect,
        repair: ProposedRepair? = nil
    ) {
        var range = header.byteOffset..<header.endOffset
        var positions = header.positions
        if case .padding = defect {
            let stored = UInt64(FrameHeader.byteCount) + UInt64(header.storedByteCount)
            range = (header.byteOffset + stored)..<header.endOffset
            positions = nil
        }
        report(
            range, "\(defect)", expectedBatch: place.batchNumber, positions: positions,
            repair: repair)
    }

    /// Unreadable bytes between two valid frames, or up to the end of a sealed segment.
    private mutating func reportGap(
        _ place: FrameExpectation, _ defect: FrameDefect, next: FrameHeader?
    ) {
        let nextPosition = next?.firstPosition ?? place.position
        report(
            place.byteOffset..<max(next?.byteOffset ?? framesEnd, place.byteOffset + 1),
            "\(defect)" + (next.map { ",next-frame@\($0.byteOffset)" } ?? ""),
            expectedBatch: place.batchNumber,
            positions: nextPosition > place.position
                ? place.position...LogPosition(rawValue: nextPosition.rawValue - 1) : nil)
    }

    /// What the mark vouches for in this segment; 0 when it names another one.
    private var vouchedOffset: UInt64 {
        guard let mark, mark.segmentNumber == number else { return 0 }
        return mark.durableOffset
    }

    /// Everything below was certainly durable once: D of FORMAT.md, Recovery.
    private func provenOffset(_ tail: TailScan) -> UInt64 {
        max(vouchedOffset, tail.provenDurableOffset)
    }

    /// Behind the last frame of the active segment all bytes are zero, up to the preallocated
    /// length.
    private mutating func reportActiveEnd(
        _ place: FrameExpectation, _ defect: FrameDefect, _ tail: TailScan
    ) throws(EventLogError) {
        let vouched = vouchedOffset
        let isClean = mark?.flags.contains(.clean) ?? false
        let proven = provenOffset(tail)
        guard let residueEnd = tail.residueEnd ?? (proven > place.byteOffset ? proven : nil) else {
            return
        }
        invariant(
            residueEnd > place.byteOffset, "SegmentVerification: what is left over takes bytes")
        let isDamage = proven > place.byteOffset || isClean
        let lost = mark?.nextPosition ?? place.position
        var repair: ProposedRepair?
        if isClean, vouched == place.byteOffset, proven == vouched {
            repair = try clearing(place.byteOffset..<residueEnd)
        }
        report(
            place.byteOffset..<max(residueEnd, proven),
            "\(defect)"
                + (vouched > place.byteOffset ? ",mark.durable_offset=\(vouched)" : "")
                + (isClean && vouched == place.byteOffset ? ",closed-cleanly" : ""),
            kind: isDamage ? .corrupt : .torn, expectedBatch: place.batchNumber,
            positions: isDamage && lost > place.position
                ? place.position...LogPosition(rawValue: lost.rawValue - 1) : nil, repair: repair)
    }
}
