package import DaybookCore
internal import Synchronization

/// What the mark says, and when it is durable.
extension LogCommitter {
    func mark(_ flags: CommitMark.Flags) -> CommitMark {
        invariant(
            active.durable.byteOffset <= active.expectation.byteOffset,
            "LogCommitter: a mark vouches for nothing that was not written")
        return CommitMark(
            logID: writing.logID, writerEpoch: assembler.writerEpoch, flags: flags,
            segmentNumber: active.header.number, durableOffset: active.durable.byteOffset,
            nextFrameNumber: active.durable.frameNumber,
            nextBatchNumber: active.durable.batchNumber, nextPosition: active.durable.position,
            lastTime: active.durable.time, chain: active.durable.chain,
            signedTreeSize: signedTree.size, signedTreeRoot: signedTree.root)
    }

    func writeMark(at now: Instant) throws(EventLogError) {
        try poisoning { () throws(EventLogError) in
            try marks.write(mark([]))
            let age = now.microseconds - lastMarkSync.microseconds
            let isOverdue = age < 0 || age >= EventLogLimits.markSyncMicroseconds
            guard options.durability == .marked || isOverdue else { return }
            if PlantedBug.markNotSynced.isPlanted { return }
            try marks.sync()
            lastMarkSync = now
        }
    }

    /// To be called when nothing was committed for 50 ms at most: makes the mark durable, and asks a full
    /// disk again whether there is space for the next segment.
    package func syncMark() throws(EventLogError) {
        try checkServing()
        if !marks.isSynced {
            try poisoning { () throws(EventLogError) in try marks.sync() }
            lastMarkSync = clock()
        }
        invariant(marks.isSynced, "LogCommitter: no mark waits any longer")
        if isDiskFull { prepareSpare(limit: 0) }
    }

    /// The size and root of the Merkle tree over all batches that were committed.
    package var merkleTree: (size: UInt64, root: Digest) {
        (active.frontier.size, active.frontier.root(hash: hash))
    }

    /// Makes a tree head durable before its signature is published: a log must never sign two heads
    /// that contradict each other.
    package func recordSignedTree(size: UInt64, root: Digest) throws(EventLogError) {
        try checkServing()
        try checkEpoch()
        signedTree = (size, root)
        try poisoning { () throws(EventLogError) in
            try marks.write(mark([]))
            try marks.sync()
        }
    }

    /// Another writer may have taken the log over when the lock was not honoured (another mount, a
    /// container); the older one notices it here and stops.
    func checkEpoch() throws(EventLogError) {
        let newest = try poisoning { () throws(EventLogError) in try marks.newestEpoch() }
        guard newest <= assembler.writerEpoch else {
            isPoisoned = true
            shared.isPoisoned.store(true, ordering: .relaxed)
            throw EventLogError(
                .fenced,
                "writer epoch \(newest) took the log over from epoch \(assembler.writerEpoch); "
                    + "this writer stops", file: LogFileName.mark)
        }
    }
}
