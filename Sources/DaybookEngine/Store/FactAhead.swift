import DaybookCore
import DaybookDecisions
import DaybookLog

/// Decodes batches on a thread of its own, ahead of whoever folds them.
///
/// Holds a bounded number of batches and of bytes, however long the log and however large a batch is.
final class FactAhead {
    private struct State {
        var ready: [FactBatch] = []
        var readyByteCount = 0
        var isCancelled = false
        var hasEnded = false
        var failure: (any Error)?
    }

    /// Batches are handed over in such shares: fewer wake-ups.
    private static let shareCount = 256
    private static let shareByteCount = 256 << 10
    /// The worker waits when so many, or so many bytes of the log, are not taken yet.
    private static let readyLimit = 2_048
    private static let readyByteLimit = 2 << 20

    private let state = Monitor(State())

    fileprivate init(_ reader: LogReader, from: LogPosition, through: LogPosition?) throws {
        let state = state
        try WorkerThread.start {
            var share: [FactBatch] = []
            var byteCount = 0
            var failure: (any Error)?
            do {
                try reader.forEachBatch(from: from, through: through) { view in
                    share.append(try FactBatch(view, reader.upcasters))
                    byteCount += view.message.count
                    guard
                        share.count >= FactAhead.shareCount || byteCount >= FactAhead.shareByteCount
                    else { return true }
                    return FactAhead.hand(over: &share, &byteCount, to: state)
                }
            } catch {
                failure = error
            }
            // What was read before an error comes before it.
            _ = FactAhead.hand(over: &share, &byteCount, to: state)
            let end = Confined(failure)
            state.change {
                $0.failure = end.value
                $0.hasEnded = true
            }
        }
    }

    /// - Returns: whether anybody wants more.
    private static func hand(
        over share: inout [FactBatch], _ byteCount: inout Int, to state: Monitor<State>
    ) -> Bool {
        let batches = share
        let count = byteCount
        share.removeAll(keepingCapacity: true)
        byteCount = 0
        return state.wait { state -> Bool? in
            if state.isCancelled { return false }
            guard state.ready.count < readyLimit, state.readyByteCount < readyByteLimit else {
                return nil
            }
            state.readyByteCount += count
            if state.ready.isEmpty { state.ready = batches } else { state.ready += batches }
            return true
        } ?? false
    }

    /// What is decoded by now, at least one batch; empty at the end.
    fileprivate func next() throws -> [FactBatch] {
        let result = state.wait { state -> Result<[FactBatch], any Error>? in
            if !state.ready.isEmpty {
                let ready = state.ready
                state.ready = []
                state.readyByteCount = 0
                return .success(ready)
            }
            guard state.hasEnded else { return nil }
            return state.failure.map(Result.failure) ?? .success([])
        }
        return try result?.get() ?? []
    }

    /// Stops the worker and waits for its end.
    fileprivate func finish() {
        state.change { $0.isCancelled = true }
        _ = state.wait { $0.hasEnded ? () : nil }
    }
}

extension LogReader {
    /// Hands out durable batches, decoded, in order.
    ///
    /// - Parameters:
    ///   - isParallel: a long range may be decoded by another thread, which ends before the call does.
    ///   - body: returns whether to go on.
    /// - Throws: what reading and decoding lead to, behind the batches before it; what `body` throws.
    func forEachFactBatch(
        from: LogPosition, through: LogPosition?, isParallel: Bool,
        _ body: (FactBatch) throws -> Bool
    ) throws {
        guard isParallel, isLong(from: from, through: through) else {
            try forEachBatch(from: from, through: through) { view in
                try body(try FactBatch(view, upcasters))
            }
            return
        }
        try forEachFactBatchAhead(from: from, through: through, body)
    }

    /// The same by two threads, however short the range is.
    func forEachFactBatchAhead(
        from: LogPosition, through: LogPosition?, _ body: (FactBatch) throws -> Bool
    ) throws {
        let ahead = try FactAhead(self, from: from, through: through)
        defer { ahead.finish() }
        while true {
            let batches = try ahead.next()
            guard !batches.isEmpty else { return }
            for batch in batches {
                guard try body(batch) else { return }
            }
        }
    }
}
