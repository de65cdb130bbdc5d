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

    private struct State {
        var ready: [Frame] = []
        var readyByteCount = 0
        /// Used and to be used again.
        var free: [GrowingBuffer] = []
        var isCancelled = false
        var hasEnded = false
        var failure: EventLogError?

        /// Few, and none that one large frame has made large.
        mutating func keep(_ used: [Frame]) {
            for frame in used where free.count < FrameAhead.freeLimit {
                let isLarge = frame.buffer.bytes.count > 2 * EventLogLimits.sharedFrameRawByteCount
                if !isLarge { free.append(frame.buffer) }
            }
        }
    }

    /// What the worker needs; used by its thread only.
    private struct Work: @unchecked Sendable {
        // Unchecked: handed to the worker before it starts and used by nobody else.
        let scan: FrameScan
        let first: LogPosition
        let last: LogPosition
    }

    private let state: Monitor<State>
    private var taken: [Frame] = []
    private var takenCount = 0

    /// Frames wait to be taken until there are so many bytes of them: fewer wake-ups.
    private static let shareByteCount = 256 << 10
    private static let smallestByteCount = 4 << 10
    private static let freeLimit = 64
    /// The worker waits when so much is not taken yet.
    private static let readyByteLimit = 1 << 20
    /// Below, the second thread would cost more than it gives, and a simulated log stays on one.
    static let worthwhileByteCount: UInt64 = 4 << 20

    /// Starts to read the frames with positions of `first ... last`.
    init(_ scan: FrameScan, first: LogPosition, last: LogPosition) throws(EventLogError) {
        let state = Monitor(State())
        self.state = state
        let work = Work(scan: scan, first: first, last: last)
        try WorkerThread.start {
            var failure: EventLogError?
            do throws(EventLogError) {
                try FrameAhead.run(work, state)
            } catch {
                failure = error
            }
            state.change {
                $0.failure = failure
                $0.hasEnded = true
            }
        }
    }

    private static func run(_ work: Work, _ state: Monitor<State>) throws(EventLogError) {
        var share: [Frame] = []
        var byteCount = 0
        var free: [GrowingBuffer] = []
        do throws(EventLogError) {
            while let found = try work.scan.next() {
                guard let positions = found.header.positions, positions.upperBound >= work.first
                else { continue }
                guard positions.lowerBound <= work.last else { break }
                let buffer = free.popLast() ?? GrowingBuffer(capacity: smallestByteCount)
                try work.scan.raw(of: found, into: buffer)
                share.append(Frame(found: found, buffer: buffer))
                // What it takes, not what is in it: many small frames would take a large buffer each.
                byteCount += buffer.bytes.count
                guard byteCount >= shareByteCount else { continue }
                guard hand(over: &share, &byteCount, &free, state) else { return }
            }
        } catch {
            // What was read before it comes before it.
            _ = hand(over: &share, &byteCount, &free, state)
            throw error
        }
        _ = hand(over: &share, &byteCount, &free, state)
    }

    /// - Returns: whether anybody wants more.
    private static func hand(
        over share: inout [Frame], _ byteCount: inout Int, _ free: inout [GrowingBuffer],
        _ state: Monitor<State>
    ) -> Bool {
        let frames = share
        let count = byteCount
        let returned = state.wait { state -> [GrowingBuffer]? in
            if state.isCancelled { return [] }
            guard state.readyByteCount < readyByteLimit else { return nil }
            state.ready += frames
            state.readyByteCount += count
            let returned = state.free
            state.free.removeAll(keepingCapacity: true)
            return returned
        }
        free += returned ?? []
        share.removeAll(keepingCapacity: true)
        byteCount = 0
        return state.wait { !$0.isCancelled } ?? false
    }
}

// MARK: - Taking

extension FrameAhead {
    /// The next frame, valid until the next call; `nil` at the end.
    func next() throws(EventLogError) -> Frame? {
        if takenCount == taken.count {
            let used = taken
            taken = []
            takenCount = 0
            let result = state.wait { state -> Result<[Frame], EventLogError>? in
                if !state.ready.isEmpty {
                    let ready = state.ready
                    state.ready = []
                    state.readyByteCount = 0
                    state.keep(used)
                    return .success(ready)
                }
                guard state.hasEnded else { return nil }
                return state.failure.map(Result.failure) ?? .success([])
            }
            taken = try result?.get() ?? []
        }
        guard takenCount < taken.count else { return nil }
        takenCount += 1
        return taken[takenCount - 1]
    }

    /// Stops the worker and waits for its end.
    func finish() {
        state.change { $0.isCancelled = true }
        _ = state.wait { $0.hasEnded ? () : nil }
    }
}
