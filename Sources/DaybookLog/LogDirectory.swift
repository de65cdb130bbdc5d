package import DaybookCore

/// An opened log: the two halves of its one writer, and its readers.
package struct OpenedLog: Sendable {
    package let writer: LogWriter
    package let committer: LogCommitter
    package let reader: LogReader
    package let recovery: RecoveryReport
    /// Writes the indexes of sealed segments; its owner starts and stops it. `nil`: switched off.
    package let indexer: SegmentIndexer?
}

/// Creates and opens logs.
package enum LogDirectory {
    /// Creates an empty log in a directory that has none, and opens it.
    ///
    /// A crash in between leaves either no log (create again) or an empty one (open it).
    ///
    /// - Parameters:
    ///   - hash: SHA-256.
    ///   - clock: the wall clock, for the times of frames.
    ///   - newLogID: random.
    ///   - salt: random and secret; makes frames unforgeable by event data.
    /// - Throws: `.alreadyExists`, `.locked`, `.noSpace`, `.permission`, `.io`.
    package static func create(
        storage: any Storage, options: EventLogOptions = EventLogOptions(), hash: HashFunction,
        clock: @escaping @Sendable () -> Instant, newLogID: LogID, salt: Digest
    ) throws(EventLogError) -> OpenedLog {
        let lock = try storage.lock()
        do throws(EventLogError) {
            guard try SegmentCatalog.numbers(in: storage).isEmpty else {
                throw EventLogError(.alreadyExists, "the directory holds a log already; open it")
            }
            try refuseLostLog(in: storage)
            let now = clock()
            let tail = SealedTail.genesis(of: newLogID, hash: hash)
            _ = try MarkFile.create(
                in: storage,
                CommitMark(
                    logID: newLogID, writerEpoch: 0, flags: [], segmentNumber: 0,
                    durableOffset: 0, nextFrameNumber: 1, nextBatchNumber: 1,
                    nextPosition: LogPosition(rawValue: 1), lastTime: now,
                    chain: tail.expectation.chain))
            // Before the first segment: a file system may keep the newer name and lose the older.
            if !PlantedBug.noDirectorySyncAtCreate.isPlanted {
                try storage.syncDirectory(folder: nil)
            }
            let writing = SegmentWriting(
                storage: storage, hash: hash, logID: newLogID, salt: salt,
                note: SegmentWriting.note(schema: options.schema))
            let spare = SpareSegment(storage: storage)
            try spare.ensure(
                byteCount: writing.byteCount(
                    preferred: options.byteCount(ofSegment: 1), frameByteCount: 0))
            let byteCount = spare.byteCount
            _ = try writing.begin(
                after: tail, in: spare.take(), byteCount: byteCount, at: now,
                assembler: FrameAssembler(
                    hash: hash, codec: options.codec, segmentTag: 0, writerEpoch: 0))
            return try LogRecovery(
                storage: storage, options: options, hash: hash, clock: clock, evidence: []
            ).open(lock)
        } catch {
            lock.release()
            throw error
        }
    }

    /// Opens a log for writing: lock, mark, recover, next epoch, serve.
    ///
    /// - Parameter evidence: what read models and signed checkpoints know; a log that is older than
    ///   one of them has lost acknowledged events and is refused.
    /// - Throws: `.notFound`, `.locked`, `.damaged` with the exact finding (nothing was changed),
    ///   `.newerFormat`, `.notALog`, `.noSpace`, `.permission`, `.io`.
    package static func open(
        storage: any Storage, options: EventLogOptions = EventLogOptions(), hash: HashFunction,
        clock: @escaping @Sendable () -> Instant, evidence: [RecoveryEvidence] = []
    ) throws(EventLogError) -> OpenedLog {
        guard try holdsAnything(storage) else {
            throw EventLogError(.notFound, "there is no log in the directory; create one")
        }
        let lock = try storage.lock()
        do throws(EventLogError) {
            return try LogRecovery(
                storage: storage, options: options, hash: hash, clock: clock, evidence: evidence
            ).open(lock)
        } catch {
            lock.release()
            throw error
        }
    }

    /// Whether there is a log, without a lock and without opening it.
    package static func exists(in storage: any Storage) throws(EventLogError) -> Bool {
        try !SegmentCatalog.numbers(in: storage).isEmpty
    }

    /// Which log the commit mark names, without a lock and without opening it; `nil` when no slot of
    /// the mark is readable.
    package static func logID(in storage: any Storage) throws(EventLogError) -> LogID? {
        guard try storage.list().contains(LogFileName.mark) else { return nil }
        return try MarkFile.content(of: storage.open(LogFileName.mark, .read)).newest?.logID
    }

    private static func holdsAnything(_ storage: any Storage) throws(EventLogError) -> Bool {
        let names = try storage.list()
        return names.contains(LogFileName.mark)
            || names.contains { LogFileName.segmentNumber(of: $0) != nil }
    }

    /// A mark that names a segment proves that there was a log: its segments are lost.
    private static func refuseLostLog(in storage: any Storage) throws(EventLogError) {
        guard try storage.list().contains(LogFileName.mark) else { return }
        let mark = try MarkFile.content(of: storage.open(LogFileName.mark, .read)).newest
        guard let mark, mark.segmentNumber > 0 else { return }
        throw EventLogError(
            DamageFinding(
                kind: .missing, file: LogFileName.segment(mark.segmentNumber),
                segment: mark.segmentNumber, byteRange: 0..<0,
                positions: mark.nextPosition.rawValue > 1
                    ? LogPosition(
                        rawValue: 1)...LogPosition(rawValue: mark.nextPosition.rawValue - 1) : nil,
                evidence: "mark-names-segment=\(mark.segmentNumber)"))
    }
}
