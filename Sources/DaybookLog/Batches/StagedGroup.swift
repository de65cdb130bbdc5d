package import DaybookCore

/// Batches that are committed together, on their way from the staging to the committing thread.
///
/// Immutable once it is closed; its memory goes back to the writer when it is durable.
package final class StagedGroup: @unchecked Sendable {
    // Unchecked: the writer fills it, `closeGroup` hands it over, and from then on both threads
    // only read, except for `committedFrameCount`, which only the committer touches.

    /// Where one frame's batches lie in `raw`.
    struct FrameDraft {
        var rawRange: Range<Int>
        var firstBatchNumber: UInt64
        var firstPosition: LogPosition
        var batchCount: UInt32 = 0
        var eventCount: UInt32 = 0
        var preparation = FramePreparation.none
    }

    @exclusivity(unchecked) var raw: WireWriter
    @exclusivity(unchecked) var frames: [FrameDraft] = []
    /// How many bytes of segment it may take at most.
    @exclusivity(unchecked) var storedByteCountBound: UInt64 = 0
    /// Frames that are durable already, when the disk got full in between.
    var committedFrameCount = 0
    /// So many of the first frames are prepared; the others are left to the commit.
    @exclusivity(unchecked) var preparedFrameCount = 0
    /// Payloads of these; `nil` where nobody compresses ahead of the commit.
    @exclusivity(unchecked) var compressed: GrowingBuffer?

    init(raw: consuming WireWriter) {
        invariant(raw.byteCount == 0, "StagedGroup: it begins without a batch")
        self.raw = raw
    }

    /// An empty one that takes the memory of one that is durable: nobody reads that any more, though the
    /// thread that committed it may still hold it.
    init(memoryOf durable: StagedGroup) {
        raw = WireWriter(capacity: 0)
        swap(&raw, &durable.raw)
        raw.removeAll()
        compressed = durable.compressed
        compressed?.removeAll()
    }

    /// The last event's position; a group is never empty.
    package var lastPosition: LogPosition {
        let last = frames[frames.count - 1]
        invariant(last.eventCount >= last.batchCount, "StagedGroup: a batch has at least one event")
        return last.firstPosition.advanced(by: Int(last.eventCount) - 1)
    }
}
