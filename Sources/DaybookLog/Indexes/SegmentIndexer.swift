internal import Synchronization

/// Writes the indexes of sealed segments, on a thread of its own: outside the commit path, after
/// every rotation.
///
/// What it did not get to is made when it is asked for, or at the next start.
package final class SegmentIndexer: Sendable {
    private let reader: LogReader

    package init(_ reader: LogReader) {
        self.reader = reader
    }

    package func start() throws(EventLogError) {
        reader.shelf.schedule.change {
            invariant(!$0.isRunning, "SegmentIndexer: it is started once")
            $0.isRunning = true
        }
        do throws(EventLogError) {
            try WorkerThread.start("indexer") { self.run() }
        } catch {
            reader.shelf.schedule.change { $0.isRunning = false }
            throw error
        }
    }

    /// Gives up what it is doing and ends. Waits for that; a second call does nothing.
    package func stop() {
        reader.shelf.schedule.change { $0.isStopping = true }
        reader.stopIndexing()
        _ = reader.shelf.schedule.wait { $0.isRunning ? nil : true }
    }

    private func run() {
        while waitForWork() { work() }
        reader.shelf.schedule.change {
            invariant($0.isRunning, "SegmentIndexer: it ends once")
            $0.isRunning = false
        }
    }

    /// - Returns: `false` when the thread is to end.
    private func waitForWork() -> Bool {
        let goesOn = reader.shelf.schedule.wait { state -> Bool? in
            if state.isStopping { return false }
            guard state.hasWork else { return nil }
            state.hasWork = false
            return true
        }
        return established(goesOn, "SegmentIndexer: a wait without an end has a result")
    }

    /// Makes the indexes that are missing, as far as the segments can be read.
    func work() {
        do throws(EventLogError) {
            while try reader.indexNextSegment() {}
        } catch {
            // Whoever asks for the same segment gets the same error, with its range: this thread
            // has nobody to tell.
            return
        }
    }
}

/// What the indexer's thread is told.
struct IndexingSchedule {
    /// A segment was sealed, or the log was just opened.
    var hasWork = true
    var isStopping = false
    var isRunning = false
}

extension LogReader {
    /// Makes the index of the oldest sealed segment that has none, or the oldest group that is not
    /// there or may be of more segments.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `.damaged`, `.io` when the segment cannot be read, `.closed`.
    @discardableResult
    package func indexNextSegment() throws(EventLogError) -> Bool {
        try shelf.indexNext(snapshot().segments, self)
    }

    /// Writes no index from now on; returns when none is being written.
    package func stopIndexing() { shelf.stopWriting() }

    /// The last position of the sealed segments, as far as the committer told.
    package var sealedThrough: UInt64 { shelf.sealedThrough.load(ordering: .relaxed) }

    /// Up to here every segment is sealed and has an index.
    package var indexedThrough: UInt64 { shelf.indexedThrough.load(ordering: .acquiring) }

    /// How often indexes of sealed segments were found, made and refused.
    package var indexCounts: IndexCounts { shelf.countsSoFar }
}
