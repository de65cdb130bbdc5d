internal import DaybookCore
internal import Synchronization

/// The committing half of a log's writer: compress what was not compressed ahead, chain, one `pwrite`, one
/// `fdatasync`, mark, publish.
///
/// Used by one thread at a time, which may be another one than the writer's. After any failed write or
/// sync it is poisoned: nothing is acknowledged any more and no sync is tried again, because a
/// second sync that succeeds proves nothing about what the first one lost.
package final class LogCommitter {
    let storage: any Storage
    let options: EventLogOptions
    let hash: HashFunction
    let clock: @Sendable () -> Instant
    let shared: LogShared
    let reader: LogReader
    let marks: MarkFile
    let lock: any StorageLock
    let writing: SegmentWriting
    let spare: SpareSegment
    var assembler: FrameAssembler
    var active: ActiveSegment
    var signedTree: (size: UInt64, root: Digest)
    private let output = GrowingBuffer(capacity: 1 << 20)
    /// An earlier write or sync failed: nothing is committed any more.
    package internal(set) var isPoisoned = false
    private var isClosed = false
    var lastMarkSync: Instant
    /// Upper bound of what was committed since the log was opened; counts like the writer does.
    var committedByteCountBound: UInt64 = 0
    /// Nothing is accepted until there is space; `syncMark` looks again.
    package internal(set) var isDiskFull = false
    /// Schemas that differ from those in the segment; written with the next group.
    var pendingNote: [UInt8]?

    init(
        storage: any Storage, options: EventLogOptions, hash: HashFunction,
        clock: @escaping @Sendable () -> Instant, shared: LogShared, reader: LogReader,
        marks: MarkFile, lock: any StorageLock, writing: SegmentWriting, spare: SpareSegment,
        assembler: FrameAssembler, active: ActiveSegment, signedTree: (size: UInt64, root: Digest)
    ) {
        self.storage = storage
        self.options = options
        self.hash = hash
        self.clock = clock
        self.shared = shared
        self.reader = reader
        self.marks = marks
        self.lock = lock
        self.writing = writing
        self.spare = spare
        self.assembler = assembler
        self.active = active
        self.signedTree = signedTree
        invariant(
            active.durable == active.expectation, "LogCommitter: it begins with what is durable")
        invariant(
            assembler.segmentTag == active.segmentTag,
            "LogCommitter: frames carry the tag of the segment that they go into")
        invariant(
            active.header.writerEpoch <= assembler.writerEpoch,
            "LogCommitter: no segment is of a later writer")
        invariant(
            reader.head == active.durable.head, "LogCommitter: readers see all that is durable")
        lastMarkSync = clock()
        if !writing.note.isEmpty, active.lastNote != writing.note { pendingNote = writing.note }
    }
}

/// Handing a committer from thread to thread is safe, since one at a time uses it: whoever has it sees to that.
/// The compiler cannot see it, hence unchecked.
extension LogCommitter: @unchecked Sendable {}

// MARK: - Committing

extension LogCommitter {
    /// Makes a group durable and visible.
    ///
    /// - Returns: the head after it.
    /// - Throws: `.noSpace`: nothing is lost, the same group may be committed again once space
    ///   returned. `.fenced`: another writer took over. Any other error means that the outcome of
    ///   the group is unknown and that every later call throws `.poisoned`.
    package func commit(_ group: StagedGroup) throws(EventLogError) -> LogHead {
        try checkServing()
        let drafts = group.frames
        invariant(
            group.committedFrameCount < drafts.count, "LogCommitter: a group is committed once")
        invariant(
            active.durable == active.expectation,
            "LogCommitter: between groups, what is written is durable")
        invariant(
            drafts[group.committedFrameCount].firstBatchNumber == active.expectation.batchNumber,
            "LogCommitter: groups are committed in the order in which they were closed")
        try checkEpoch()
        let now = clock()
        while group.committedFrameCount < drafts.count {
            let end = assemble(group, from: group.committedFrameCount, at: now)
            try flush()
            invariant(
                end.nextFrame == drafts.count || end.frameByteCount != nil,
                "LogCommitter: only a full segment ends a group early")
            invariant(
                end.nextFrame >= group.committedFrameCount,
                "LogCommitter: what is durable is not committed again")
            group.committedFrameCount = end.nextFrame
            if let need = end.frameByteCount { try rotate(frameByteCount: need, at: now) }
        }
        invariant(
            group.committedFrameCount == drafts.count, "LogCommitter: what is committed was staged")
        try writeMark(at: now)
        committedByteCountBound += group.storedByteCountBound
        let head = publish()
        invariant(
            PlantedBug.positionReusedAfterReopen.isPlanted || head.position == group.lastPosition,
            "LogCommitter: the log ends with the group")
        prepareSpare(limit: max(output.count * 4, 256 << 10))
        invariant(!isPoisoned, "LogCommitter: a poisoned log acknowledges nothing")
        return head
    }

    /// Appends a note that records a repair or a loss, durable when it returns.
    func record(note: [UInt8]) throws(EventLogError) {
        try checkServing()
        try checkEpoch()
        let now = clock()
        var isAppended = false
        while !isAppended {
            output.removeAll()
            let need = note.withUnsafeBytes { bytes -> UInt64 in
                let payload = assembler.payload(bytes, kind: .note)
                guard payload.frameByteCount <= active.usableByteCount else {
                    return payload.frameByteCount
                }
                append(.init(kind: .note), payload, at: now)
                isAppended = true
                return 0
            }
            if !isAppended { try rotate(frameByteCount: need, at: now) }
        }
        invariant(output.count > 0, "LogCommitter: a record takes bytes")
        try flush()
        try poisoning { () throws(EventLogError) in
            // The journal of the repair goes next: readers must see the record by then.
            try marks.write(mark([]))
            try marks.sync()
        }
        invariant(marks.isSynced, "LogCommitter: a record is vouched for before it is seen")
        lastMarkSync = now
        _ = publish()
    }

    /// Builds frames until one does not fit into the segment any more.
    ///
    /// - Returns: the first frame that was not built, and its size when there was no room for it.
    private func assemble(_ group: StagedGroup, from first: Int, at now: Instant)
        -> (nextFrame: Int, frameByteCount: UInt64?)
    {
        output.removeAll()
        invariant(
            active.durable == active.expectation,
            "LogCommitter: nothing is assembled behind what is not durable")
        guard appendPendingNote(at: now) else {
            return (first, UInt64(FrameHeader.byteCount))
        }
        return group.raw.withUnsafeBytes { raw in
            for index in first..<group.frames.count {
                let draft = group.frames[index]
                invariant(
                    draft.firstBatchNumber == active.expectation.batchNumber,
                    "LogCommitter: a frame begins with the next batch")
                invariant(
                    PlantedBug.positionReusedAfterReopen.isPlanted
                        || draft.firstPosition == active.expectation.position,
                    "LogCommitter: a frame begins with the next position")
                let bytes = raw.slice(draft.rawRange.lowerBound, draft.rawRange.count)
                let payload = assembler.payload(bytes, draft.preparation, in: group)
                guard payload.frameByteCount <= active.usableByteCount else {
                    return (index, payload.frameByteCount)
                }
                append(
                    .init(
                        kind: .batches, batchCount: draft.batchCount, eventCount: draft.eventCount),
                    payload, at: now)
                if payload.codec == .lz4, PlantedBug.compressedLeafSkipped.isPlanted { continue }
                addLeaves(bytes)
            }
            return (group.frames.count, nil)
        }
    }

    private func append(
        _ content: FrameAssembler.Content, _ payload: FrameAssembler.StoredPayload, at now: Instant
    ) {
        let appended = assembler.append(
            content, payload, following: &active.expectation, at: now,
            durableOffset: active.durable.byteOffset, to: output)
        active.tally.add(appended.header, bytes: appended.bytes, hash: hash)
        invariant(
            active.expectation.byteOffset <= active.usableEnd,
            "LogCommitter: the seal's room is not appended into")
        invariant(
            active.durable.byteOffset + UInt64(output.count) == active.expectation.byteOffset,
            "LogCommitter: what is assembled follows what is durable")
    }

    /// - Returns: `false` when there is no room; the next segment begins with the note anyway.
    private func appendPendingNote(at now: Instant) -> Bool {
        guard let note = pendingNote else { return true }
        return note.withUnsafeBytes { bytes in
            let payload = assembler.payload(bytes, kind: .note)
            guard payload.frameByteCount <= active.usableByteCount else { return false }
            append(.init(kind: .note), payload, at: now)
            active.lastNote = note
            pendingNote = nil
            return true
        }
    }

    /// One Merkle leaf a batch; the writer's own encoding needs no check.
    private func addLeaves(_ raw: UnsafeRawBufferPointer) {
        var reader = WireReader(raw)
        while !reader.isAtEnd {
            let batch = established(
                try? reader.delimited(), "LogCommitter: the writer stages whole batches")
            active.frontier.append(leaf: hash.merkleLeaf(of: batch), hash: hash)
        }
        invariant(
            PlantedBug.compressedLeafSkipped.isPlanted
                || active.frontier.size + 1 == active.expectation.batchNumber,
            "LogCommitter: one leaf a batch")
    }

    /// Writes what was assembled and syncs it.
    private func flush() throws(EventLogError) {
        guard output.count > 0 else { return }
        let start = active.durable.byteOffset
        invariant(
            start >= UInt64(SegmentHeader.byteCount), "LogCommitter: frames stand behind the header"
        )
        invariant(
            start + UInt64(output.count) == active.expectation.byteOffset,
            "LogCommitter: what is written reaches from what is durable to what is assembled")
        if PlantedBug.noPoisonAfterFailedWrite.isPlanted { return try flushUnguarded(at: start) }
        if PlantedBug.publishBeforeSync.isPlanted || PlantedBug.markBeforeData.isPlanted {
            active.durable = active.expectation
        }
        try poisoning { () throws(EventLogError) in
            if PlantedBug.markBeforeData.isPlanted { try marks.write(mark([])) }
            if PlantedBug.publishBeforeSync.isPlanted { _ = publish() }
            try active.file.writeAll(output.used, at: start)
            if PlantedBug.acknowledgeBeforeSync.isPlanted { return }
            do throws(EventLogError) {
                return try active.file.sync()
            } catch {
                guard PlantedBug.retryFailedSync.isPlanted else { throw error }
                return try active.file.sync()
            }
        }
        invariant(
            active.durable.byteOffset <= active.expectation.byteOffset,
            "LogCommitter: what is durable only grows")
        active.durable = active.expectation
    }

    /// `flush` as `PlantedBug.noPoisonAfterFailedWrite` makes it.
    private func flushUnguarded(at start: UInt64) throws(EventLogError) {
        do throws(EventLogError) {
            try active.file.writeAll(output.used, at: start)
            try active.file.sync()
        } catch {
            active.expectation = active.durable
            throw error
        }
        active.durable = active.expectation
    }

    private func publish() -> LogHead {
        let head = active.durable.head
        invariant(
            head.position >= reader.head.position, "LogCommitter: readers never lose an event")
        invariant(
            head.frameNumber >= reader.head.frameNumber, "LogCommitter: readers never lose a frame")
        invariant(
            shared.durablePosition.load(ordering: .relaxed) <= head.position.rawValue,
            "LogCommitter: what is durable stays durable")
        reader.publish(active.record(), head: head)
        shared.durablePosition.store(head.position.rawValue, ordering: .releasing)
        return head
    }
}

// MARK: - The end

extension LogCommitter {
    func checkServing() throws(EventLogError) {
        guard !isClosed else { throw EventLogError(.closed, "the log was closed") }
        guard !isPoisoned else {
            throw EventLogError(
                .poisoned, "an earlier write or sync failed; open the log again to go on")
        }
    }

    func poisoning<Result>(_ body: () throws(EventLogError) -> Result)
        throws(EventLogError) -> Result
    {
        do throws(EventLogError) {
            return try body()
        } catch {
            poison()
            throw error
        }
    }

    func poison() {
        isPoisoned = true
        shared.isPoisoned.store(true, ordering: .relaxed)
        do throws(EventLogError) {
            // Tells the next start not to append behind bytes whose sync failed.
            try marks.write(mark(.poisoned))
            // When the mark's own sync was what failed, a second one would prove nothing.
            if !marks.hasSyncFailed { try marks.sync() }
        } catch {
            // The disk refuses even that. The mark that stands there is older and true, and the
            // first failure, which the caller gets, says all there is to say.
            return
        }
    }

    /// Writes a clean mark and gives the lock back. A second call does nothing.
    package func close() throws(EventLogError) {
        guard !isClosed else { return }
        isClosed = true
        shared.isClosed.store(true, ordering: .relaxed)
        // Without the lock, another process may write where indexes would go.
        defer {
            reader.stopIndexing()
            lock.release()
        }
        guard !isPoisoned else { return }
        // A writer that was taken over from must not put its mark over the newer one's.
        try checkEpoch()
        try poisoning { () throws(EventLogError) in
            try spare.discard()
            try marks.write(mark(.clean))
            if PlantedBug.cleanMarkNotSynced.isPlanted { return }
            try marks.sync()
        }
    }
}
