package import DaybookCore

/// Checks every byte of a log: checksums, chain, batches, positions, seals, sparse indexes, Merkle
/// roots, the zeros behind the end, and the commit mark.
///
/// Reads only, takes no lock. Beside a running writer the group that is being written may show as a
/// torn write.
package enum LogVerifier {
    /// - Parameters:
    ///   - depth: whether batches are looked into.
    ///   - progress: called after each segment.
    /// - Throws: `.notFound`, or `.io` when a file cannot be read at all.
    package static func verify(
        storage: any Storage, hash: HashFunction, depth: VerificationDepth = .content,
        progress: ((VerifiedSoFar) -> Void)? = nil
    ) throws(EventLogError) -> VerificationReport {
        var run = VerificationRun(storage: storage, hash: hash, depth: depth)
        try run.checkMark()
        let numbers = try SegmentCatalog.numbers(in: storage)
        guard let last = numbers.last else {
            if let mark = run.mark, mark.segmentNumber > 0 {
                run.reportMissing(1...mark.segmentNumber, mark.namesSegment)
                return run.report
            }
            throw EventLogError(.notFound, "there is no log in the directory")
        }
        var expected: UInt64 = 1
        for (index, number) in numbers.enumerated() {
            invariant(
                number >= expected, "LogVerifier: segments come in the order of their numbers")
            if number > expected {
                run.reportMissing(expected...(number - 1), "next-segment=\(number)")
            }
            try run.checkSegment(number, isLast: number == last)
            expected = number + 1
            invariant(
                run.report.segmentCount == index + 1, "LogVerifier: every segment is looked at")
            progress?(
                VerifiedSoFar(
                    segmentCount: index + 1, totalSegmentCount: numbers.count,
                    batchCount: run.report.batchCount, byteCount: run.report.byteCount,
                    findingCount: run.report.findings.count))
        }
        invariant(expected == last + 1, "LogVerifier: it ends with the last segment")
        if let mark = run.mark, mark.segmentNumber > last {
            run.reportMissing((last + 1)...mark.segmentNumber, mark.namesSegment)
        }
        run.proveMarkSlots()
        run.checkRoom()
        return run.report
    }
}

/// The state of one verification: what is known at the end of the segments so far.
///
/// A value: a copy goes on from the same place, so that many variants of one segment can be checked
/// without those before it.
package struct VerificationRun {
    let storage: any Storage
    let hash: HashFunction
    package private(set) var report = VerificationReport()
    private(set) var mark: CommitMark?
    /// The end of the segment before; `nil` before the first and behind damage that hides it.
    var previousEnd: SegmentFile.SealedEnd?
    /// Anything of the log's identity that was read, for segments whose own header is damaged.
    var knownHeader: SegmentHeader?
    private var room = WriterRoom()
    /// Corrected mark slots, with the findings that they answer.
    private var guesses: [(guess: MarkRepair, finding: Int)] = []

    private let depth: VerificationDepth

    package init(
        storage: any Storage, hash: HashFunction, depth: VerificationDepth = .content
    ) {
        self.storage = storage
        self.hash = hash
        self.depth = depth
    }

    /// Both slots of `MARK`, and the zeros between them.
    package mutating func checkMark() throws(EventLogError) {
        let content: MarkFile.Content
        do throws(EventLogError) {
            content = try MarkFile.content(of: storage.open(LogFileName.mark, .read))
        } catch {
            guard error.code == .notFound else { throw error }
            reportMark(.missing, 0..<0, "no-mark-file")
            return
        }
        mark = content.newest
        for mark in content.slots.compactMap(\.mark) { room.add(mark) }
        for (index, slot) in content.slots.enumerated() where slot == .damaged {
            let start = MarkFile.slotOffsets[index]
            reportMark(
                .corrupt, start..<(start + UInt64(CommitMark.byteCount)), "mark-slot-checksum")
            if let guess = MarkRepair(slot: index, in: content.bytes) {
                guesses.append((guess, report.findings.count - 1))
            }
        }
        if content.hasStrayBytes {
            let cleared = MarkRepair.clearing(content.bytes)
            reportMark(
                .corrupt, cleared?.byteRange ?? 0..<UInt64(MarkFile.byteCount),
                "mark-reserved-byte-set", repair: cleared)
        }
        if mark == nil, !content.slots.contains(.damaged) {
            reportMark(.missing, 0..<UInt64(MarkFile.byteCount), "no-valid-mark-slot")
        }
    }

    /// Holds corrected mark slots against what the log says at the places that they name.
    package mutating func proveMarkSlots() {
        invariant(
            guesses.count <= MarkFile.slotOffsets.count,
            "LogVerifier: a guess is about one of the slots")
        for (guess, finding) in guesses {
            invariant(
                report.findings[finding].file == LogFileName.mark,
                "LogVerifier: a guess about the mark answers a finding about it")
            report.findings[finding].repair = guess.proposal(
                newest: mark, hash: hash)
        }
    }

    /// Whether the log leaves numbers for a writer; opening asks the same.
    package mutating func checkRoom() {
        guard room.nextEpoch == nil else { return }
        reportMark(
            .corrupt, 0..<UInt64(MarkFile.byteCount), "numbers-beyond-any-log(\(room.evidence))")
    }

    private mutating func reportMark(
        _ kind: DamageFinding.Kind, _ range: Range<UInt64>, _ evidence: String,
        repair: ProposedRepair? = nil
    ) {
        report.findings.append(
            DamageFinding(
                kind: kind, file: LogFileName.mark, segment: nil, byteRange: range,
                evidence: evidence, repair: repair))
    }

    /// Missing segments that are reported one by one; a forged mark may name 2^61 of them.
    private static let namedMissingCount: UInt64 = 64

    /// Segments whose files are not there.
    mutating func reportMissing(_ numbers: ClosedRange<UInt64>, _ evidence: String) {
        invariant(numbers.lowerBound >= 1, "LogVerifier: segments are numbered from 1")
        let unnamed = numbers.lowerBound + VerificationRun.namedMissingCount
        for number in numbers.lowerBound...min(numbers.upperBound, unnamed) {
            let isRest = number == unnamed && number < numbers.upperBound
            report.findings.append(
                DamageFinding(
                    kind: .missing, file: LogFileName.segment(number), segment: number,
                    byteRange: 0..<0, expectedBatch: previousEnd?.seal.nextBatchNumber,
                    positions: lostPositions,
                    evidence: evidence
                        + (isRest ? ",and-all-through-segment=\(numbers.upperBound)" : "")))
        }
        invariant(
            report.findings.last?.segment == min(numbers.upperBound, unnamed),
            "LogVerifier: what is missing is named up to the last one")
        previousEnd = nil
    }

    /// From the end of what was read to what the mark vouches for.
    private var lostPositions: ClosedRange<LogPosition>? {
        guard let mark, let next = previousEnd?.seal.nextPosition, mark.nextPosition > next else {
            return nil
        }
        return next...LogPosition(rawValue: mark.nextPosition.rawValue - 1)
    }

    package mutating func checkSegment(_ number: UInt64, isLast: Bool) throws(EventLogError) {
        var segment = try SegmentVerification(
            number, isLast: isLast, storage: storage, hash: hash, mark: mark,
            previousEnd: previousEnd, knownHeader: knownHeader, depth: depth,
            offsetsToNote: Set(
                guesses.map(\.guess.mark).filter { $0.segmentNumber == number }
                    .map(\.durableOffset)))
        try segment.run()
        invariant(
            segment.findings.allSatisfy { $0.segment == number },
            "LogVerifier: a segment's findings are about it")
        invariant(
            segment.eventCount >= segment.batchCount, "LogVerifier: a batch has at least one event")
        for index in guesses.indices where guesses[index].guess.mark.segmentNumber == number {
            guesses[index].guess.truth = segment.noted[guesses[index].guess.mark.durableOffset]
        }
        report.findings += segment.findings
        report.segmentCount += 1
        report.byteCount += segment.byteCount
        report.frameCount += segment.frameCount
        report.batchCount += segment.batchCount
        report.eventCount += segment.eventCount
        report.logID = report.logID ?? segment.header?.logID
        report.head = segment.head ?? report.head
        report.merkleRoot = segment.merkleRoot
        if let header = segment.header { room.add(header) }
        if let end = segment.sealedEnd?.expectation ?? segment.end { room.add(end) }
        previousEnd = segment.sealedEnd
        knownHeader = segment.header ?? knownHeader
        invariant(
            segment.sealedEnd == nil || segment.end != nil,
            "LogVerifier: a seal ends what was walked")
        invariant(
            segment.sealedEnd == nil || segment.frameCount > 0,
            "LogVerifier: a seal is a frame that was counted")
        if let header = segment.header, let end = segment.sealedEnd {
            report.indexes.add(
                IndexIdentity(
                    logID: header.logID, segment: number, sealDigest: end.digest,
                    firstPosition: header.firstPosition, eventCount: end.seal.tally.eventCount),
                in: storage, everyBlock: true)
        }
    }
}
