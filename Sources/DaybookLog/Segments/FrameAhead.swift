internal import DaybookCore

/// Reads, checks and decompresses frames on a thread of its own, ahead of whoever visits their batches:
/// half of the work of reading a log, done while the other half is.
///
/// What is handed out is what `FrameScan` finds, in its order, followed by its error if there is one.
/// Holds a few megabytes, however long the log is.
final class FrameAhead {
    /// A frame with its uncompressed payload.
    struct Frame {
        var found: FrameScan.Found
        fileprivate var buffer: GrowingBuffer

        var raw: UnsafeRawBufferPointer { buffer.used }
    }

    private let frames: ReadAhead<Frame>
    /// Used and to be used again.
    private let free = Monitor<[GrowingBuffer]>([])
    private var taken: [Frame] = []
    private var takenCount = 0

    private static let shareByteCount = 256 << 10
    private static let readyByteLimit = 1 << 20
    private static let smallestByteCount = 4 << 10
    private static let freeLimit = 64
    /// Below, the second thread would cost more than it gives, and a simulated log stays on one.
    static let worthwhileByteCount: UInt64 = 4 << 20

    /// Starts to read the frames with positions of `first ... last`.
    ///
    /// - Parameter scan: used by nobody else until ``finish()``.
    init(_ scan: FrameScan, first: LogPosition, last: LogPosition) throws(EventLogError) {
        invariant(first <= last, "FrameAhead: a range has a first and a last position")
        let free = free
        frames = try ReadAhead(
            shareCost: FrameAhead.shareByteCount, limit: FrameAhead.readyByteLimit
        ) { emit in
            while let found = try scan.next() {
                guard let positions = found.header.positions, positions.upperBound >= first
                else { continue }
                guard positions.lowerBound <= last else { return }
                let buffer =
                    free.change { $0.popLast() }
                    ?? GrowingBuffer(capacity: FrameAhead.smallestByteCount)
                try scan.raw(of: found, into: buffer)
                // What it takes, not what is in it: many small frames would take a large buffer each.
                guard emit(Frame(found: found, buffer: buffer), buffer.bytes.count) else { return }
            }
        }
    }

    /// The next frame, valid until the next call; `nil` at the end.
    func next() throws -> Frame? {
        invariant(takenCount <= taken.count, "FrameAhead: no frame is handed out that was not made")
        if takenCount == taken.count {
            reuse(taken)
            taken = []
            takenCount = 0
            taken = try frames.next()
        }
        guard takenCount < taken.count else { return nil }
        takenCount += 1
        invariant(
            taken[takenCount - 1].found.header.rawByteCount == taken[takenCount - 1].raw.count,
            "FrameAhead: all of a payload is handed out")
        return taken[takenCount - 1]
    }

    /// Few, and none that one large frame has made large.
    private func reuse(_ used: [Frame]) {
        free.change { free in
            for frame in used where free.count < FrameAhead.freeLimit {
                let isLarge = frame.buffer.bytes.count > 2 * EventLogLimits.sharedFrameRawByteCount
                if !isLarge { free.append(frame.buffer) }
            }
            invariant(free.count <= FrameAhead.freeLimit, "FrameAhead: few buffers are kept")
        }
    }

    /// Stops the thread and waits for its end.
    func finish() { frames.finish() }
}
