package import DaybookCore
internal import Synchronization

/// The staging half of a log's writer: assigns positions, checks conditions, encodes into the open
/// group's buffer, and compresses there what is asked for ahead. Makes no system call, except where a condition looks at what was durable before
/// the first one: that is asked of the segments' indexes.
///
/// Used by one thread at a time. What it returns is staged, not durable: answer nobody before the group
/// was committed.
package final class LogWriter {
    /// The position of the last staged event.
    // Unchecked exclusivity: one thread at a time uses a writer, and no closure that it calls gets hold of it.
    @exclusivity(unchecked) package private(set) var stagedHead: LogPosition
    @exclusivity(unchecked) private var stagedBatchNumber: UInt64
    private let reader: LogReader
    private let shared: LogShared
    @exclusivity(unchecked) private var encoder = BatchEncoder()
    @exclusivity(unchecked) private var open: StagedGroup?
    /// Closed groups that may not be durable yet, oldest first.
    @exclusivity(unchecked) private var inFlight: [StagedGroup] = []
    /// Empty ones, with the memory of groups that are durable.
    private var spareGroups: [StagedGroup] = []
    @exclusivity(unchecked) private var stagedByteCountBound: UInt64 = 0
    /// What was staged since the first condition that needed it, about one index a segment, oldest
    /// first; what the segments' own indexes cover is dropped.
    @exclusivity(unchecked) private var recent: [TagIndex] = []
    /// How much was sealed when the newest of `recent` was begun.
    private var recentSealedThrough: UInt64 = 0
    private let tables = BatchTables()

    private static let spareGroupLimit = 4

    init(head: LogHead, reader: LogReader, shared: LogShared) {
        let isReused = PlantedBug.positionReusedAfterReopen.isPlanted && head.position > .start
        stagedHead = isReused ? LogPosition(rawValue: head.position.rawValue - 1) : head.position
        stagedBatchNumber = head.batchNumber
        self.reader = reader
        self.shared = shared
        invariant(
            reader.head == head, "LogWriter: it goes on behind what readers see")
        invariant(
            shared.durablePosition.load(ordering: .relaxed) <= head.position.rawValue,
            "LogWriter: what is durable lies before what is staged next")
    }
}

/// Handing a writer from thread to thread is safe, since one at a time uses it. The compiler cannot see that,
/// hence unchecked.
extension LogWriter: @unchecked Sendable {}

// MARK: - Staging

extension LogWriter {
    /// Stages one batch, or tells which event stands against it.
    ///
    /// - Parameters:
    ///   - condition: checked against everything durable or staged; `nil` appends unconditionally.
    ///   - encode: adds 1 or more events, in order.
    /// - Returns: `.appended` with the positions that the events will have, or `.conflict` with the
    ///   first conflicting position; then nothing was staged.
    /// - Throws: `.tooLarge`, `.invalidBatch`, `.invalidQuery`, `.afterBeyondHead`, `.noSpace`,
    ///   `.poisoned`, `.closed`, or what reading the log for a condition led to. Nothing was
    ///   staged.
    package func stage(
        _ metadata: BatchMetadata, when condition: AppendCondition? = nil,
        _ encode: (inout BatchEncoder) -> Void
    ) throws(EventLogError) -> AppendResult {
        try checkServing()
        if let condition, let position = try firstConflict(condition) {
            return .conflict(firstConflictingPosition: position)
        }
        encoder.removeAll()
        encode(&encoder)
        if let problem = encoder.problem { throw problem }
        guard encoder.eventCount > 0 else {
            throw EventLogError(.invalidBatch, "a batch needs at least one event")
        }
        let bound = try checkSize(metadata)
        let group = openGroup()
        let start = group.raw.byteCount
        encoder.write(metadata, into: &group.raw)
        invariant(
            group.raw.byteCount - start <= bound + LogWriter.lengthByteCount,
            "LogWriter: a batch is no longer than the bound that was checked")
        admit(group, from: start)
        let first = stagedHead.advanced(by: 1)
        stagedHead = stagedHead.advanced(by: encoder.eventCount)
        stagedBatchNumber += 1
        invariant(first <= stagedHead, "LogWriter: a batch takes at least one position")
        invariant(
            group.lastPosition == stagedHead, "LogWriter: the open group ends with what is staged")
        let last = group.frames[group.frames.count - 1]
        invariant(
            last.firstBatchNumber + UInt64(last.batchCount) == stagedBatchNumber + 1,
            "LogWriter: the open group ends with the newest batch")
        indexNewest(group, from: start)
        return .appended(first...stagedHead)
    }

    /// Stages a batch whose payloads are bytes already.
    package func stage(_ batch: ProposedBatch, when condition: AppendCondition? = nil)
        throws(EventLogError) -> AppendResult
    {
        try stage(batch.metadata, when: condition) { encoder in
            for event in batch.events {
                encoder.event(
                    type: event.type, schemaVersion: event.schemaVersion, tags: event.tags
                ) { writer in
                    event.payload.withUnsafeBytes { writer.append(raw: $0) }
                }
            }
        }
    }

    /// Hands the open group over for the commit.
    ///
    /// - Returns: `nil` when nothing is staged.
    package func closeGroup() -> StagedGroup? {
        reclaim()
        guard let group = open else { return nil }
        open = nil
        invariant(
            group.lastPosition == stagedHead, "LogWriter: nothing is staged behind the open group")
        invariant(
            group.committedFrameCount == 0, "LogWriter: nobody commits a group that is open")
        invariant(
            (inFlight.last?.lastPosition ?? .start) < group.frames[0].firstPosition,
            "LogWriter: groups follow one another")
        invariant(
            group.frames[group.frames.count - 1].rawRange.upperBound == group.raw.byteCount,
            "LogWriter: frames take all of the group's bytes")
        invariant(
            stagedByteCountBound >= group.storedByteCountBound,
            "LogWriter: what a group takes was reckoned with")
        inFlight.append(group)
        return group
    }

    /// Does a part of the commit's work in a log with LZ4, for a thread that stages and is ahead of it.
    package func compressFullFrames() { open?.compressFullFrames() }

    /// An earlier write or sync failed: nothing is staged any more.
    package var isPoisoned: Bool { shared.isPoisoned.load(ordering: .relaxed) }

    /// How many bytes of events the open group holds.
    package var openGroupByteCount: Int { open?.raw.byteCount ?? 0 }

    private func checkServing() throws(EventLogError) {
        guard !isPoisoned else {
            throw EventLogError(
                .poisoned, "an earlier write or sync failed; open the log again to go on")
        }
        guard !shared.isClosed.load(ordering: .relaxed) else {
            throw EventLogError(.closed, "the log was closed")
        }
    }

    /// What comes before a batch in its frame: its length.
    private static let lengthByteCount = 8

    /// - Returns: how long the batch is at most, without its length.
    private func checkSize(_ metadata: BatchMetadata) throws(EventLogError) -> Int {
        let bound = encoder.byteCountBound(metadata)
        guard bound <= EventLogLimits.batchByteCount else {
            throw EventLogError(
                .tooLarge,
                "a batch of about \(bound) bytes; the limit is \(EventLogLimits.batchByteCount)")
        }
        let limit = EventLogLimits.nameByteCount
        var isNamed = metadata.command.utf8.count <= limit
        if let key = metadata.idempotencyKey { isNamed = isNamed && key.utf8.count <= limit }
        if case .operator(let name?) = metadata.actor {
            isNamed = isNamed && name.utf8.count <= limit
        }
        guard isNamed else {
            throw EventLogError(
                .tooLarge, "command, idempotency key and actor have at most \(limit) bytes each")
        }
        let need =
            stagedByteCountBound + LogWriter.storedBound(raw: bound + LogWriter.lengthByteCount)
        guard need <= shared.stagingCredit.load(ordering: .relaxed) else {
            throw EventLogError(
                .noSpace, "the disk is full: no room for the next segment; nothing was accepted")
        }
        return bound
    }

    /// Header and padding of a frame of its own come on top of the bytes themselves.
    private static func storedBound(raw byteCount: Int) -> UInt64 {
        UInt64(byteCount + FrameHeader.byteCount + 8)
    }

    private func openGroup() -> StagedGroup {
        if let open { return open }
        let group = spareGroups.popLast() ?? StagedGroup(raw: WireWriter(capacity: 1 << 16))
        open = group
        return group
    }

    /// Counts the batch that was just written behind `start` to a frame of the group.
    private func admit(_ group: StagedGroup, from start: Int) {
        let end = group.raw.byteCount
        invariant(end > start, "LogWriter: a batch takes bytes")
        invariant(
            end - start <= EventLogLimits.frameRawByteCount,
            "LogWriter: a frame takes the longest batch")
        invariant(
            group.frames.last?.rawRange.upperBound ?? 0 == start,
            "LogWriter: batches lie one behind the other")
        if let last = group.frames.last,
            end - last.rawRange.lowerBound <= EventLogLimits.sharedFrameRawByteCount
        {
            group.frames[group.frames.count - 1].rawRange = last.rawRange.lowerBound..<end
        } else {
            group.frames.append(
                StagedGroup.FrameDraft(
                    rawRange: start..<end, firstBatchNumber: stagedBatchNumber + 1,
                    firstPosition: stagedHead.advanced(by: 1)))
        }
        group.frames[group.frames.count - 1].batchCount += 1
        group.frames[group.frames.count - 1].eventCount += UInt32(encoder.eventCount)
        invariant(
            group.frames[group.frames.count - 1].rawRange.count
                <= EventLogLimits.frameRawByteCount,
            "LogWriter: a frame's batches fit into it")
        let bound = LogWriter.storedBound(raw: end - start)
        group.storedByteCountBound += bound
        stagedByteCountBound += bound
    }

    /// Takes the memory of groups that are durable.
    private func reclaim() {
        let durable = shared.durablePosition.load(ordering: .acquiring)
        while let group = inFlight.first, group.lastPosition.rawValue <= durable {
            inFlight.removeFirst()
            guard spareGroups.count < LogWriter.spareGroupLimit else { continue }
            spareGroups.append(StagedGroup(memoryOf: group))
        }
        invariant(
            spareGroups.count <= LogWriter.spareGroupLimit, "LogWriter: few groups are kept")
    }
}

// MARK: - Conditions

extension LogWriter {
    /// The first event, durable or staged, that stands against the condition.
    private func firstConflict(_ condition: AppendCondition) throws(EventLogError) -> LogPosition? {
        try condition.failIfEventsMatch.checkAskable()
        let after = condition.after ?? .start
        guard after <= stagedHead else {
            throw EventLogError(
                .afterBeyondHead,
                "the condition looks beyond position \(after), the log ends at \(stagedHead)")
        }
        // Nothing lies beyond, so nothing can match: the usual case, and it needs no index.
        guard after < stagedHead else { return nil }
        let query = condition.failIfEventsMatch
            .including(formerNames: reader.upcasters.formerNames)
        if query == .all { return after.advanced(by: 1) }
        try beginIndex()
        dropIndexed()
        let base = recent[0].base
        invariant(base <= stagedHead, "LogWriter: what is indexed is staged or durable")
        invariant(
            recent[recent.count - 1].through == stagedHead,
            "LogWriter: the newest index reaches to what is staged")
        if after < base, let position = try reader.firstMatch(query, after: after, through: base) {
            return position
        }
        for index in recent {
            let found = index.firstMatch(query, after: after, through: index.through)
            if let found {
                invariant(found > after, "LogWriter: a conflict lies behind what was looked at")
                invariant(found <= stagedHead, "LogWriter: a conflict is staged or durable")
                return found
            }
        }
        return nil
    }

    /// Begins to index what is staged, behind what is durable now.
    private func beginIndex() throws(EventLogError) {
        guard recent.isEmpty else { return }
        var index = TagIndex(secret: reader.indexSecret, base: reader.head.position)
        do {
            for group in inFlight + [open].compactMap({ $0 }) { try add(group, to: &index) }
        } catch {
            throw EventLogError(.damaged, "indexing what was staged: \(error)")
        }
        invariant(
            index.through == stagedHead, "LogWriter: what is not durable is in flight or open")
        recentSealedThrough = reader.sealedThrough
        recent = [index]
    }

    /// Drops what the indexes of sealed segments cover; they are written in the background.
    private func dropIndexed() {
        let indexed = reader.indexedThrough
        while recent.count > 1, recent[0].through.rawValue <= indexed {
            invariant(
                recent[0].through == recent[1].base, "LogWriter: indexes lie one behind the other")
            recent.removeFirst()
        }
        invariant(!recent.isEmpty, "LogWriter: the newest index stays")
    }

    private func add(_ group: StagedGroup, to index: inout TagIndex) throws {
        try group.raw.withUnsafeBytes { raw in
            for frame in group.frames {
                var batches = BatchSequence(
                    raw.slice(frame.rawRange.lowerBound, frame.rawRange.count),
                    firstBatchNumber: frame.firstBatchNumber, firstPosition: frame.firstPosition)
                var isMore = true
                while isMore {
                    isMore = try batches.visitNext(tables) { batch in
                        if batch.lastPosition > index.through { try index.add(batch) }
                    }
                }
            }
        }
    }

    /// Keeps the index current, once there is one; begins another one behind each rotation.
    private func indexNewest(_ group: StagedGroup, from start: Int) {
        guard !recent.isEmpty else { return }
        // Numbers only: a copy of the newest index would make the next change copy all of it.
        let through = recent[recent.count - 1].through
        invariant(
            through.rawValue + UInt64(encoder.eventCount) == stagedHead.rawValue,
            "LogWriter: only the newest batch is not indexed")
        let isEmpty = recent[recent.count - 1].eventCount == 0
        let sealed = reader.sealedThrough
        if sealed != recentSealedThrough, !isEmpty {
            recentSealedThrough = sealed
            recent.append(TagIndex(secret: reader.indexSecret, base: through))
            dropIndexed()
        }
        do {
            try group.raw.withUnsafeBytes { raw in
                var batches = BatchSequence(
                    raw.slice(start, raw.count - start), firstBatchNumber: stagedBatchNumber,
                    firstPosition: through.advanced(by: 1))
                _ = try batches.visitNext(tables) { batch in
                    try recent[recent.count - 1].add(batch)
                }
            }
        } catch {
            // The batch is staged; the next condition begins anew and reports the cause.
            recent = []
        }
    }
}

extension Query {
    /// - Throws: `.invalidQuery` for an empty list of items, which would mean nothing at all.
    func checkAskable() throws(EventLogError) {
        guard case .any(let items) = self, items.isEmpty else { return }
        throw EventLogError(
            .invalidQuery, "a query needs at least one item; use Query.all for everything")
    }
}
