internal import DaybookCore

/// Whether the numbers of a log leave any for a writer.
///
/// Readers take numbers below 2^62. Opening asks for half of that, so that no writer comes near the
/// end; a log that is beyond has been forged or damaged, and verifying says so too.
struct WriterRoom {
    private var newestEpoch: UInt32 = 0
    private var largestNumber: UInt64 = 0

    private static let limit: UInt64 = 1 << 61

    mutating func add(_ mark: CommitMark) {
        newestEpoch = max(newestEpoch, mark.writerEpoch)
        largestNumber = max(largestNumber, mark.generation)
    }

    mutating func add(_ header: SegmentHeader) {
        newestEpoch = max(newestEpoch, header.writerEpoch)
    }

    mutating func add(_ end: FrameExpectation) {
        newestEpoch = max(newestEpoch, end.writerEpoch)
        largestNumber = max(
            largestNumber, end.frameNumber, end.batchNumber, end.position.rawValue)
    }

    mutating func add(_ head: LogHead) {
        largestNumber = max(
            largestNumber, head.frameNumber, head.batchNumber, head.position.rawValue)
    }

    /// The epoch of the next writer; `nil` when there is none left, or no numbers for it.
    var nextEpoch: UInt32? {
        newestEpoch < .max && largestNumber < WriterRoom.limit ? newestEpoch + 1 : nil
    }

    /// What is beyond.
    var evidence: String { "epoch=\(newestEpoch),largest-number=\(largestNumber)" }
}

extension WriterRoom {
    /// By everything that recovery has read.
    init(_ decision: LogRecovery.Decision) {
        for mark in decision.marks.slots.compactMap(\.mark) { add(mark) }
        add(decision.catalog.last.header)
        if let end = decision.catalog.last.sealed?.expectation { add(end) }
        if let end = decision.survey?.end.expectation { add(end) }
        add(decision.head)
    }
}
