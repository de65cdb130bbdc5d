internal import DaybookCore

/// The writing part of recovery: brings the files into the state that was decided, then starts the
/// writer.
struct LogRestart {
    let recovery: LogRecovery
    let decision: LogRecovery.Decision
    let lock: any StorageLock
    /// The new writer's.
    private let nextEpoch: UInt32

    /// - Throws: `.damaged` when the log leaves no numbers for a writer; nothing was changed.
    init(recovery: LogRecovery, decision: LogRecovery.Decision, lock: any StorageLock)
        throws(EventLogError)
    {
        self.recovery = recovery
        self.decision = decision
        self.lock = lock
        let room = WriterRoom(decision)
        guard let next = room.nextEpoch else {
            throw EventLogError(
                .damaged,
                "numbers of the log are beyond what any log reaches (\(room.evidence)). Nothing was "
                    + "changed; run verify, then restore from a backup.")
        }
        nextEpoch = next - (PlantedBug.epochNotRaised.isPlanted ? 1 : 0)
        invariant(
            next > decision.mark?.writerEpoch ?? 0, "LogRestart: every writer has its own epoch")
        invariant(
            next > decision.catalog.last.header.writerEpoch,
            "LogRestart: no writer goes on with the epoch of a segment")
        invariant(
            next > decision.survey?.end.expectation.writerEpoch ?? 0,
            "LogRestart: no frame has the epoch of the next writer")
    }

    private var storage: any Storage { recovery.storage }
    private var hash: HashFunction { recovery.hash }

    func run() throws(EventLogError) -> OpenedLog {
        let now = recovery.clock()
        var report = RecoveryReport(
            logID: decision.catalog.logID, segmentCount: decision.catalog.segments.count,
            head: decision.head, writerEpoch: nextEpoch,
            wasClean: decision.mark?.flags.contains(.clean) ?? false)
        report.restoredMarkSlot =
            decision.mark != nil && decision.marks.slots.contains(.damaged)
        report.restoredMark = decision.mark == nil
        do throws(EventLogError) {
            try lock.describe("epoch \(nextEpoch)")
        } catch {
            // Information only: a full disk must not keep the log from being opened, and with it from
            // giving space back.
            guard error.code == .noSpace else { throw error }
        }
        let marks = try openMarks()
        try removeLeftovers(&report)
        let writing = SegmentWriting(
            storage: storage, hash: hash, logID: decision.catalog.logID,
            salt: decision.catalog.salt,
            note: SegmentWriting.note(schema: recovery.options.schema))
        let assembler = FrameAssembler(
            hash: hash, codec: recovery.options.codec, segmentTag: 0, writerEpoch: nextEpoch)
        let spare = SpareSegment(storage: storage)
        let survivors = try survivors()
        invariant(
            survivors == nil || decision.isPoisoned,
            "LogRestart: only behind a failed sync batches are committed again")
        let (active, records) = try settle(
            writing, assembler, spare, at: now, survivors: survivors, &report)
        let reader = LogReader(
            storage: storage, hash: hash, logID: decision.catalog.logID,
            salt: decision.catalog.salt, segments: records, head: active.durable.head,
            upcasters: recovery.options.upcasters, writesIndexes: true)
        try checkForeignEvidence(reader, &report)
        let shared = LogShared(durablePosition: active.durable.head.position.rawValue)
        invariant(
            active.durable == active.expectation, "LogRestart: a writer begins at what is durable")
        invariant(
            records.last?.number == active.header.number,
            "LogRestart: the writer goes on in the last segment")
        var activeAssembler = assembler
        activeAssembler.segmentTag = active.segmentTag
        let committer = LogCommitter(
            storage: storage, options: recovery.options, hash: hash, clock: recovery.clock,
            shared: shared, reader: reader, marks: marks, lock: lock, writing: writing,
            spare: spare, assembler: activeAssembler, active: active,
            signedTree: (
                decision.mark?.signedTreeSize ?? 0, decision.mark?.signedTreeRoot ?? .zero
            ))
        try marks.write(committer.mark([]))
        try marks.sync()
        invariant(marks.isSynced, "LogRestart: nothing is acknowledged before the epoch is durable")
        invariant(
            marks.generation > decision.mark?.generation ?? 0,
            "LogRestart: a writer's first mark is the newest")
        if let survivors { _ = try committer.commit(survivors) }
        report.head = reader.head
        report.segmentCount = reader.snapshot().segments.count
        invariant(
            report.head.position == decision.head.position, "LogRestart: what was found is served")
        invariant(
            report.head.batchNumber == decision.head.batchNumber,
            "LogRestart: every batch that was found is served")
        invariant(
            report.segmentCount >= decision.catalog.segments.count,
            "LogRestart: no segment is left behind")
        let writer = LogWriter(head: reader.head, reader: reader, shared: shared)
        return OpenedLog(
            writer: writer, committer: committer, reader: reader, recovery: report,
            indexer: recovery.options.indexesInBackground ? SegmentIndexer(reader) : nil)
    }

    private func openMarks() throws(EventLogError) -> MarkFile {
        guard let mark = decision.mark else {
            // Both slots are lost and evidence stands in for them: begin a new file.
            let file = try storage.open(LogFileName.mark, .replace)
            try file.allocate(UInt64(MarkFile.byteCount))
            try file.zeroFill(0..<UInt64(MarkFile.byteCount))
            try file.syncAll()
            try storage.syncDirectory(folder: nil)
            return MarkFile(file: file, newest: nil)
        }
        let marks = MarkFile(
            file: try storage.open(LogFileName.mark, .update), newest: mark)
        try marks.settle(mark)
        invariant(
            marks.generation == mark.generation, "LogRestart: settling a mark makes none anew")
        return marks
    }

    private func removeLeftovers(_ report: inout RecoveryReport) throws(EventLogError) {
        for name in try storage.list() where LogFileName.isLeftover(name) {
            try storage.unlink(name)
            report.removedFiles.append(name)
        }
    }

    private func checkForeignEvidence(_ reader: LogReader, _ report: inout RecoveryReport)
        throws(EventLogError)
    {
        for item in recovery.evidence {
            if try reader.chain(at: item.position) != item.chain {
                report.foreignEvidence.append(item.name)
            }
        }
    }
}

// MARK: - The active segment

extension LogRestart {
    /// Brings the last segment in order, or begins the next one.
    private func settle(
        _ writing: SegmentWriting, _ assembler: FrameAssembler, _ spare: SpareSegment,
        at now: Instant, survivors: StagedGroup?, _ report: inout RecoveryReport
    ) throws(EventLogError) -> (ActiveSegment, [SegmentRecord]) {
        var records = decision.catalog.segments.compactMap(SegmentRecord.init)
        let tail: SealedTail
        if let survey = decision.survey {
            let file = try storage.open(survey.segment.file.name, .update)
            if !decision.isPoisoned, !survey.hasSeal {
                try repairEnd(survey, file, &report)
                // The name may be as unsynced as the bytes.
                try storage.syncDirectory(folder: nil)
                let active = active(survey.segment, at: survey.end, file)
                return (active, records + [active.record()])
            }
            if decision.isPoisoned, let residueEnd = survey.tail.residueEnd ?? survivorsEnd {
                try quarantine(survey, file, poisonStart..<max(residueEnd, poisonStart), &report)
            }
            report.continuedAfterFailure = decision.isPoisoned
            let state = decision.lastSynced ?? survey.end
            invariant(
                state.expectation.byteOffset <= survey.end.expectation.byteOffset,
                "LogRestart: what is sealed was surveyed")
            let active = active(survey.segment, at: state, file)
            try ensure(spare, writing, after: survey.segment)
            var sealing = assembler
            sealing.segmentTag = active.segmentTag
            tail = try writing.seal(active, at: now, assembler: sealing)
            if let record = tail.record { records.append(record) }
        } else {
            let last = decision.catalog.last
            let end = established(last.sealed, "LogRestart: a segment without survey is sealed")
            try writing.settleSeal(of: last, end)
            tail = SealedTail(last, end)
            try ensure(spare, writing, after: last)
        }
        invariant(
            tail.number == decision.catalog.last.header.number,
            "LogRestart: the next segment follows the last one")
        invariant(
            records.last?.number == tail.number, "LogRestart: readers have every sealed segment")
        report.finishedRotation = !decision.isPoisoned
        let byteCount = spare.byteCount
        let active = try writing.begin(
            after: tail, in: spare.take(), byteCount: byteCount, at: now, assembler: assembler)
        invariant(
            active.durable.position == tail.expectation.position,
            "LogRestart: a fresh segment goes on with the next position")
        return (active, records + [active.record()])
    }

    private func ensure(_ spare: SpareSegment, _ writing: SegmentWriting, after last: SegmentFile)
        throws(EventLogError)
    {
        let preferred = recovery.options.byteCount(ofSegment: last.header.number + 1)
        try spare.ensure(
            byteCount: writing.byteCount(preferred: preferred, frameByteCount: 0))
    }

    private func active(
        _ segment: SegmentFile, at state: SegmentSurvey.State, _ file: any StorageFile
    ) -> ActiveSegment {
        ActiveSegment(
            file: file, header: segment.header, headerBytes: segment.headerBytes,
            segmentTag: segment.segmentTag, expectation: state.expectation,
            durable: state.expectation, tally: state.tally, frontier: state.frontier,
            lastNote: state.lastNote)
    }

    /// Makes complete frames durable that no mark vouched for, and clears what follows them.
    private func repairEnd(
        _ survey: SegmentSurvey, _ file: any StorageFile, _ report: inout RecoveryReport
    ) throws(EventLogError) {
        let end = survey.end.expectation.byteOffset
        invariant(!survey.hasSeal, "LogRestart: a segment with its seal is not written into")
        invariant(
            !decision.isPoisoned, "LogRestart: behind a failed sync nothing is written again")
        if let residue = survey.residue {
            invariant(residue.lowerBound >= end, "LogRestart: no frame that was found is cleared")
            try quarantine(survey, file, residue, &report)
            if !PlantedBug.residueNotCleared.isPlanted { try file.zeroFill(residue) }
        }
        let vouched =
            survey.atMark?.expectation
            ?? survey.segment.expectation(after: decision.catalog.beforeLast)
        invariant(
            vouched.byteOffset <= end, "LogRestart: all that the mark vouches for was found")
        if vouched.byteOffset < end, PlantedBug.rewriteUnchecked.isPlanted {
            let count = Int(end - vouched.byteOffset)
            try file.writeAll(
                try file.bytes(at: vouched.byteOffset, count: count), at: vouched.byteOffset)
        } else if vouched.byteOffset < end, !PlantedBug.promoteWithoutRewrite.isPlanted {
            // Written again, so that the pages are dirty again: an earlier sync may have failed and
            // left them marked clean although the disk has something else.
            try forEachFrame(of: survey, from: vouched) { header, frame throws(EventLogError) in
                try file.writeAll(frame, at: header.byteOffset)
            }
            report.rewrittenByteCount = end - vouched.byteOffset
        }
        if PlantedBug.promotedNotSynced.isPlanted { return }
        try file.sync()
    }

    /// Hands out the frames from a place up to V, read and checked once more, one by one: what is
    /// written again must not rest on a read that went wrong in between.
    private func forEachFrame(
        of survey: SegmentSurvey, from start: FrameExpectation,
        _ body: (FrameHeader, UnsafeRawBufferPointer) throws(EventLogError) -> Void
    ) throws(EventLogError) {
        let walker = FrameWalker(
            window: SegmentWindow(file: survey.segment.file), hash: hash,
            segmentTag: survey.segment.segmentTag, expectation: start,
            tally: survey.segment.emptyTally(hash), frontier: nil)
        while walker.expectation.byteOffset < survey.end.expectation.byteOffset {
            switch try walker.step(end: survey.end.expectation.byteOffset) {
            case .frame(let header, let frame): try body(header, frame)
            case .stopped(let defect):
                throw EventLogError(
                    .io, "a frame changed while it was read: \(defect)",
                    file: survey.segment.file.name, byteOffset: walker.expectation.byteOffset)
            }
        }
        invariant(
            walker.expectation.byteOffset == survey.end.expectation.byteOffset,
            "LogRestart: reading again ends where the survey ended")
    }

    /// Copies bytes that are about to be cleared; durable before anything is.
    private func quarantine(
        _ survey: SegmentSurvey, _ file: any StorageFile, _ range: Range<UInt64>,
        _ report: inout RecoveryReport
    ) throws(EventLogError) {
        guard !range.isEmpty else { return }
        invariant(report.quarantined == nil, "LogRestart: one range is moved")
        invariant(
            range.lowerBound >= UInt64(SegmentHeader.byteCount),
            "LogRestart: no header is moved to quarantine")
        invariant(
            range.upperBound <= survey.segment.byteCount, "LogRestart: what is moved is in the file"
        )
        let number = survey.segment.header.number
        let name =
            "\(LogFileName.quarantine)/segment-\(number)-byte-\(range.lowerBound)"
            + "-epoch-\(nextEpoch).bin"
        try storage.createFolder(LogFileName.quarantine)
        let copy = try storage.open(name, .replace)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(1 << 20, range.upperBound - offset))
            let bytes = try file.bytes(at: offset, count: count)
            try copy.writeAll(bytes, at: offset - range.lowerBound)
            // What follows clears these bytes: not before there is a copy of all of them.
            guard !bytes.isEmpty else {
                throw EventLogError(
                    .io, "the file ended while it was copied", file: file.name, byteOffset: offset)
            }
            offset += UInt64(bytes.count)
        }
        invariant(offset == range.upperBound, "LogRestart: all of it is in the copy")
        try copy.syncAll()
        try storage.syncDirectory(folder: LogFileName.quarantine)
        try storage.syncDirectory(folder: nil)
        copy.close()
        report.quarantined = RecoveryReport.Quarantined(
            file: name, segment: number, byteRange: range)
    }
}

// MARK: - After an I/O error

extension LogRestart {
    /// Where the last sync that succeeded ended.
    private var poisonStart: UInt64 {
        established(decision.mark, "LogRestart: a mark says that the log is poisoned").durableOffset
    }

    private var survivorsEnd: UInt64? { decision.survey?.end.expectation.byteOffset }

    /// Complete batches behind the durable end of a poisoned segment: nobody was told about them,
    /// but they are whole, so they are committed again, in the fresh segment.
    private func survivors() throws(EventLogError) -> StagedGroup? {
        guard let start = decision.lastSynced?.expectation, let survey = decision.survey else {
            return nil
        }
        invariant(start.byteOffset == poisonStart, "LogRestart: what follows the mark survives")
        let scratch = GrowingBuffer()
        let group = StagedGroup(raw: WireWriter(capacity: 1 << 16))
        try forEachFrame(of: survey, from: start) { header, frame throws(EventLogError) in
            guard header.kind == .batches else { return }
            // The survey looked into it, and the chain says that it is the same frame.
            let raw = established(
                try? FramePayload.raw(of: header, frame: frame, scratch: scratch),
                "LogRestart: what was surveyed can be decompressed")
            let start = group.raw.byteCount
            group.raw.append(raw: raw)
            group.frames.append(
                StagedGroup.FrameDraft(
                    rawRange: start..<group.raw.byteCount,
                    firstBatchNumber: header.firstBatchNumber,
                    firstPosition: header.firstPosition, batchCount: header.batchCount,
                    eventCount: header.eventCount))
        }
        guard !group.frames.isEmpty else { return nil }
        invariant(
            group.lastPosition == survey.end.expectation.head.position,
            "LogRestart: everything behind the mark survives")
        invariant(
            group.frames[0].firstPosition == start.position,
            "LogRestart: what survives begins behind the mark")
        return group
    }
}
