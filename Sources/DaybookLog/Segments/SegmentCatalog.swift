internal import DaybookCore

/// All segments of a log, their headers and seals read and linked.
struct SegmentCatalog {
    let segments: [SegmentFile]

    var logID: LogID { segments[0].header.logID }
    var salt: Digest { segments[0].header.salt }
    /// The one that is appended to, unless it is sealed already.
    var last: SegmentFile { segments[segments.count - 1] }
    /// The last but one, which is always sealed.
    var beforeLast: SegmentFile? { segments.count > 1 ? segments[segments.count - 2] : nil }

    /// The numbers of the segments in a directory, ascending.
    static func numbers(in storage: any Storage) throws(EventLogError) -> [UInt64] {
        try storage.list().compactMap(LogFileName.segmentNumber).sorted()
    }

    /// Opens all segments.
    ///
    /// - Parameter mark: the newest commit mark; it may prove that a segment is missing.
    /// - Throws: `.notFound` when there is no log, `.damaged` when one is missing, foreign, not
    ///   sealed although it is not the last, or does not continue the one before.
    static func load(
        from storage: any Storage, mark: CommitMark?, forWriting: Bool, hash: HashFunction
    ) throws(EventLogError) -> SegmentCatalog {
        let numbers = try numbers(in: storage)
        try checkComplete(numbers, mark: mark)
        var segments: [SegmentFile] = []
        for number in numbers {
            let isLast = number == numbers[numbers.count - 1]
            func open() throws(EventLogError) -> SegmentFile {
                let segment = try SegmentFile.open(
                    number, in: storage, forWriting: forWriting,
                    provesLog: mark != nil || !segments.isEmpty, hash: hash)
                try segment.checkPlace(
                    behind: segments.last, isLast: isLast, mark: mark, hash: hash)
                return segment
            }
            // What looks wrong is read a second time before it is called so.
            let first: SegmentFile?
            do throws(EventLogError) {
                first = try open()
            } catch {
                guard error.isAboutContent else { throw error }
                first = nil
            }
            if let first, first.wrongLength() == nil {
                segments.append(first)
            } else {
                segments.append(try open())
            }
        }
        invariant(!segments.isEmpty, "SegmentCatalog: a log has at least one segment")
        invariant(segments.count == numbers.count, "SegmentCatalog: no segment is left out")
        let catalog = SegmentCatalog(segments: segments)
        invariant(
            catalog.last.header.number == UInt64(segments.count),
            "SegmentCatalog: segments are numbered from 1")
        invariant(
            (catalog.beforeLast == nil) == (catalog.beforeLast?.sealed == nil),
            "SegmentCatalog: only the last segment may be without a seal")
        return catalog
    }

    private static func checkComplete(_ numbers: [UInt64], mark: CommitMark?)
        throws(EventLogError)
    {
        func missing(_ number: UInt64, _ evidence: String) -> EventLogError {
            EventLogError(
                DamageFinding(
                    kind: .missing, file: LogFileName.segment(number), segment: number,
                    byteRange: 0..<0, evidence: evidence))
        }
        guard let last = numbers.last else {
            if let mark, mark.segmentNumber > 0 {
                throw missing(mark.segmentNumber, "mark-names-segment=\(mark.segmentNumber)")
            }
            throw EventLogError(.notFound, "there is no log in the directory; create one")
        }
        for (index, number) in numbers.enumerated() where number != UInt64(index) + 1 {
            throw missing(UInt64(index) + 1, "next-segment=\(number)")
        }
        if let mark, mark.segmentNumber > last {
            throw missing(last + 1, "mark-names-segment=\(mark.segmentNumber)")
        }
    }
}

extension EventLogError {
    /// About bytes that were read, not about reading them.
    fileprivate var isAboutContent: Bool {
        switch code {
        case .damaged, .notALog, .newerFormat: true
        default: false
        }
    }
}

extension SegmentFile {
    /// - Throws: `.damaged` unless this segment continues the one before, and is sealed if another one
    ///   follows.
    fileprivate func checkPlace(
        behind previous: SegmentFile?, isLast: Bool, mark: CommitMark?, hash: HashFunction
    ) throws(EventLogError) {
        if let evidence = brokenLink(to: previous, mark: mark, hash: hash) {
            throw EventLogError(
                DamageFinding(
                    kind: .corrupt, file: file.name, segment: header.number,
                    byteRange: 0..<UInt64(SegmentHeader.byteCount),
                    expectedBatch: previous?.sealed?.seal.nextBatchNumber, evidence: evidence))
        }
        guard isLast || sealed != nil else {
            throw EventLogError(missingEnd(evidence: "seal-missing"))
        }
    }

    /// Why this segment does not continue the one before; `nil` when it does.
    func brokenLink(to previous: SegmentFile?, mark: CommitMark?, hash: HashFunction) -> String? {
        if let mark, mark.logID != header.logID { return "log-id-differs-from-mark" }
        guard let previous else {
            guard header.chain == hash.genesisChain(of: header.logID) else {
                return "genesis-chain"
            }
            guard header.firstFrameNumber == 1, header.firstBatchNumber == 1,
                header.firstPosition.rawValue == 1, header.previousSeal == .zero
            else { return "first-segment-numbers" }
            return nil
        }
        guard header.logID == previous.header.logID else { return "segment-of-another-log" }
        guard header.salt == previous.header.salt else { return "salt-differs" }
        let end = established(
            previous.sealed, "SegmentFile: a segment that another one follows is sealed")
        guard header.previousSeal == end.digest else { return "previous-seal-digest" }
        guard header.chain == end.frame.chain else { return "chain-broken" }
        guard header.firstFrameNumber == end.seal.nextFrameNumber,
            header.firstBatchNumber == end.seal.nextBatchNumber,
            header.firstPosition == end.seal.nextPosition
        else { return "first-numbers" }
        return nil
    }

    /// What is wrong with an unsealed file of another length than its header says.
    func wrongLength() -> DamageFinding? {
        guard sealed == nil, byteCount != header.byteCount else { return nil }
        if PlantedBug.shortFileIgnored.isPlanted { return nil }
        return missingEnd(evidence: "file-length=\(byteCount)-expected=\(header.byteCount)")
    }

    func missingEnd(evidence: String) -> DamageFinding {
        let ends = [byteCount, header.byteCount].sorted()
        return DamageFinding(
            kind: .missing, file: file.name, segment: header.number,
            byteRange: ends[0]..<ends[1], evidence: evidence)
    }
}
