internal import DaybookCore

/// Opens a log for writing: decides what was acknowledged, refuses damage, repairs the rest.
///
/// First everything is read and decided; only then is anything written. Every written step leads a
/// restarted recovery to the same end.
///
/// Format: Schemas/log/FORMAT.md, Recovery.
struct LogRecovery {
    let storage: any Storage
    let options: EventLogOptions
    let hash: HashFunction
    let clock: @Sendable () -> Instant
    let evidence: [RecoveryEvidence]

    /// What reading decided.
    struct Decision {
        var catalog: SegmentCatalog
        var mark: CommitMark?
        var marks: MarkFile.Content
        /// `nil` when the last segment is sealed.
        var survey: SegmentSurvey?
        var head: LogHead

        /// An earlier run met an I/O error in the segment that is still the last.
        var isPoisoned: Bool { lastSynced != nil }

        /// The end of what the last sync that succeeded covered, when a later one failed in the segment
        /// that is still the last.
        var lastSynced: SegmentSurvey.State? {
            guard let mark, mark.flags.contains(.poisoned) else { return nil }
            return survey?.atMark
        }
    }

    /// An interrupted repair is completed first: what was decided then is not decided again.
    func open(_ lock: any StorageLock) throws(EventLogError) -> OpenedLog {
        guard let journal = try RepairJournal.read(from: storage) else {
            return try LogRestart(recovery: self, decision: try decide(), lock: lock).run()
        }
        try journal.finishSwaps(in: storage)
        let decision = try decide(givenUpBefore: journal.lossEnd?.nextPosition)
        let opened = try LogRestart(recovery: self, decision: decision, lock: lock).run()
        // Of a poisoned segment only what stands before the mark is kept; a record behind it is not.
        let kept = decision.lastSynced ?? decision.survey?.end
        try journal.record(in: opened, lastRecord: kept?.lastRecord, storage: storage)
        var report = opened.recovery
        report.head = opened.reader.head
        report.recordedRepair = true
        invariant(
            report.head.position >= decision.head.position,
            "LogRecovery: a repair takes nothing away")
        return OpenedLog(
            writer: opened.writer, committer: opened.committer, reader: opened.reader,
            recovery: report, indexer: opened.indexer)
    }
}

// MARK: - Reading

extension LogRecovery {
    /// Reads and decides; changes nothing.
    ///
    /// - Parameter givenUp: an operator gave up what consumers know of positions before it.
    func decide(givenUpBefore givenUp: LogPosition? = nil) throws(EventLogError) -> Decision {
        let marks = try readMarks()
        let mark = marks.newest
        let catalog = try SegmentCatalog.load(
            from: storage, mark: mark, forWriting: true, hash: hash)
        var survey: SegmentSurvey?
        if let sealed = catalog.last.sealed {
            try refuseBeyondSeal(mark, catalog.last, sealed)
        } else {
            let found = try SegmentSurvey(
                catalog.last, after: catalog.beforeLast, mark: mark, hash: hash)
            if let refusal = found.refusal() { throw refusal }
            survey = found
        }
        let end = established(
            survey?.end.expectation ?? catalog.last.sealed?.expectation,
            "LogRecovery: the last segment is surveyed or sealed")
        invariant(
            (survey == nil) == (catalog.last.sealed != nil),
            "LogRecovery: what is not sealed is surveyed")
        invariant(
            (survey?.atMark?.expectation.position ?? .start) <= end.position,
            "LogRecovery: what the mark vouches for is served")
        let decision = Decision(
            catalog: catalog, mark: mark, marks: marks, survey: survey, head: end.head)
        try checkEvidence(decision, givenUpBefore: givenUp ?? .start)
        return decision
    }

    private func readMarks() throws(EventLogError) -> MarkFile.Content {
        do throws(EventLogError) {
            return try MarkFile.content(of: storage.open(LogFileName.mark, .read))
        } catch {
            guard error.code == .notFound else { throw error }
            return MarkFile.Content(slots: [.empty, .empty], hasStrayBytes: false)
        }
    }

    private func refuseBeyondSeal(
        _ mark: CommitMark?, _ last: SegmentFile, _ sealed: SegmentFile.SealedEnd
    ) throws(EventLogError) {
        guard let mark, mark.segmentNumber == last.header.number,
            mark.durableOffset > sealed.frame.byteOffset
        else { return }
        throw EventLogError(
            DamageFinding(
                kind: .missing, file: last.file.name, segment: last.header.number,
                byteRange: sealed.frame.byteOffset..<mark.durableOffset,
                expectedBatch: sealed.seal.nextBatchNumber,
                evidence: "mark.durable_offset=\(mark.durableOffset)-beyond-seal"))
    }

    /// A consumer that is ahead proves that acknowledged events are missing. Without a readable
    /// mark, a consumer that stands exactly at the end is the only proof that the end is the end.
    private func checkEvidence(_ decision: Decision, givenUpBefore givenUp: LogPosition)
        throws(EventLogError)
    {
        let head = decision.head
        for item in evidence
        where item.position > head.position && item.position >= givenUp {
            throw EventLogError(
                DamageFinding(
                    kind: .missing, file: decision.catalog.last.file.name,
                    segment: decision.catalog.last.header.number,
                    byteRange: 0..<0, expectedBatch: head.batchNumber + 1,
                    positions: head.position.advanced(by: 1)...item.position,
                    evidence: "log-is-older-than-\(item.name)@\(item.position)"))
        }
        guard decision.mark == nil else { return }
        let reader = reader(decision)
        for item in evidence where item.position == head.position {
            if try reader.chain(at: item.position) == item.chain { return }
        }
        throw EventLogError(
            DamageFinding(
                kind: .corrupt, file: LogFileName.mark, segment: nil,
                byteRange: 0..<UInt64(MarkFile.byteCount), expectedBatch: head.batchNumber + 1,
                evidence: "no-valid-mark-slot"))
    }

    /// A reader of everything up to V.
    func reader(_ decision: Decision) -> LogReader {
        var records = decision.catalog.segments.compactMap(SegmentRecord.init)
        if let survey = decision.survey {
            records.append(
                SegmentRecord(
                    survey.segment.header, segmentTag: survey.segment.segmentTag,
                    tally: survey.end.tally, endOffset: survey.end.expectation.byteOffset,
                    sealDigest: nil))
        }
        invariant(
            records.count == decision.catalog.segments.count, "LogRecovery: every segment is read")
        return LogReader(
            storage: storage, hash: hash, logID: decision.catalog.logID,
            salt: decision.catalog.salt, segments: records, head: decision.head,
            upcasters: options.upcasters)
    }
}
