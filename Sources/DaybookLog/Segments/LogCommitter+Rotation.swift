internal import DaybookCore
internal import Synchronization

/// From one segment to the next.
extension LogCommitter {
    /// Seals the active segment and begins the next one.
    ///
    /// - Throws: `.noSpace` before anything was changed; other errors poison.
    func rotate(frameByteCount: UInt64, at now: Instant) throws(EventLogError) {
        invariant(
            active.durable == active.expectation,
            "LogCommitter: a segment is sealed when all of it is durable")
        let number = active.header.number + 1
        let byteCount = writing.byteCount(
            preferred: options.byteCount(ofSegment: number), frameByteCount: frameByteCount)
        do throws(EventLogError) {
            try spare.ensure(byteCount: byteCount)
        } catch {
            guard error.code == .noSpace, !PlantedBug.fullDiskPoisons.isPlanted else {
                poison()
                throw error
            }
            isDiskFull = true
            shared.stagingCredit.store(0, ordering: .relaxed)
            throw error
        }
        try poisoning { () throws(EventLogError) in
            let tail = try writing.seal(active, at: now, assembler: assembler)
            invariant(
                tail.number == active.header.number, "LogCommitter: what is sealed was active")
            try begin(after: tail, at: now)
        }
        invariant(
            active.usableByteCount >= frameByteCount,
            "LogCommitter: what the segment was begun for fits into it")
    }

    /// The second half of a rotation; the spare is ready.
    func begin(after tail: SealedTail, at now: Instant) throws(EventLogError) {
        let byteCount = spare.byteCount
        let file = spare.take()
        let before = active.header.number
        active = try writing.begin(
            after: tail, in: file, byteCount: byteCount, at: now, assembler: assembler)
        invariant(
            active.header.number == before + 1, "LogCommitter: segments follow one another")
        invariant(
            active.durable.batchNumber == tail.expectation.batchNumber,
            "LogCommitter: a segment continues the batches of the one before")
        invariant(
            active.durable.position == tail.expectation.position,
            "LogCommitter: a segment continues the positions of the one before")
        assembler.segmentTag = active.segmentTag
        pendingNote = nil
        invariant(
            active.frontier == tail.frontier, "LogCommitter: the tree goes on across segments")
        invariant(
            active.tally.batchCount == 0, "LogCommitter: a segment begins without a batch")
        try marks.write(mark([]))
        try marks.sync()
        invariant(marks.isSynced, "LogCommitter: a segment is vouched for before it is seen")
        lastMarkSync = now
        if let sealed = tail.record {
            reader.publish(sealed: sealed, next: active.record(), head: active.durable.head)
        }
    }

    /// Goes on with the next segment's file, once this one is half full.
    func prepareSpare(limit: Int) {
        if isDiskFull, PlantedBug.spaceNeverAskedForAgain.isPlanted { return }
        guard isDiskFull || (active.isHalfFull && !spare.isReady) else {
            shared.stagingCredit.store(.max, ordering: .relaxed)
            return
        }
        do throws(EventLogError) {
            if !spare.isBegun {
                let number = active.header.number + 1
                let byteCount = writing.byteCount(
                    preferred: options.byteCount(ofSegment: number), frameByteCount: 0)
                try spare.begin(byteCount: byteCount)
            }
            // Space is what is scarce after a full disk: take all of it before promising anything.
            try spare.step(limit: isDiskFull ? spare.byteCount : UInt64(limit))
            invariant(
                !isDiskFull || spare.isReady, "LogCommitter: space is promised once it is taken")
            isDiskFull = false
            shared.stagingCredit.store(.max, ordering: .relaxed)
        } catch {
            // Not the log's end: the rotation tries again and reports what it meets. Until then no
            // more is accepted than the active segment can take.
            invariant(!spare.isBegun, "LogCommitter: a spare that failed is given back")
            guard error.code == .noSpace else { return }
            isDiskFull = true
            shared.stagingCredit.store(
                committedByteCountBound + active.usableByteCount, ordering: .relaxed)
        }
    }
}
