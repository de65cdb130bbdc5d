import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections

extension ReadModelSet {
    /// Facts per transaction: what was placed and paid in one run is written once; a run of this size is
    /// projected in a fraction of a second, and two of them take some 60 MB.
    private static let factsPerRun = 32_768

    /// Decodes the durable log into runs of whole batches, with the checkpoint behind each.
    ///
    /// - Parameters:
    ///   - last: batches that begin beyond it are left out; `nil`: up to the head.
    ///   - stops: positions of batches' ends at which a run ends, ascending.
    ///   - inParallel: whether a run is decoded while `body` has the one before, on another thread.
    ///   - body: returns whether to go on.
    /// - Returns: whether all was handed out.
    @discardableResult
    static func feed(
        _ reader: LogReader, from position: LogPosition = .start, through last: LogPosition? = nil,
        stoppingAt stops: [LogPosition] = [], inParallel: Bool = false,
        _ body: ([FactBatch], Checkpoint) throws -> Bool
    ) throws -> Bool {
        try withoutActuallyEscaping(body) { body in
            try feed(
                reader, from: position, through: last, stoppingAt: stops, inParallel: inParallel,
                to: [body])
        }
    }

    /// The same for several that project side by side, each at its own speed.
    ///
    /// - Parameter progress: told how far all of them have come, while they have the next run; returns whether to go
    ///   on. The last position is not told.
    @discardableResult
    static func feed(
        _ reader: LogReader, from position: LogPosition = .start, through last: LogPosition? = nil,
        stoppingAt stops: [LogPosition] = [], inParallel: Bool = false,
        to bodies: [RunHandover.Body],
        progress: (Checkpoint) -> Bool = { _ in true }
    ) throws -> Bool {
        let handover = RunHandover(inParallel: inParallel, bodies)
        let isWhole: Bool
        do {
            isWhole = try feed(
                reader, from: position, through: last, stoppingAt: stops, to: handover, progress)
        } catch {
            // Nobody projects any more when this returns; the first error is the one to tell.
            _ = try? handover.finish()
            throw error
        }
        return try handover.finish() && isWhole
    }

    private static func feed(
        _ reader: LogReader, from position: LogPosition, through last: LogPosition?,
        stoppingAt stops: [LogPosition], to handover: RunHandover,
        _ progress: (Checkpoint) -> Bool
    ) throws -> Bool {
        var run: [FactBatch] = []
        var projected: Checkpoint?
        var factCount = 0
        var goesOn = true
        var stops = stops.drop { $0 < position }
        let last = last ?? reader.head.position
        guard position <= last else { return true }
        // With one run to come, everything that matters is in it.
        let isOneRun = stops.isEmpty && last.rawValue < position.rawValue + UInt64(factsPerRun)
        let skips = isOneRun ? nil : try OperatorSkips(in: reader, from: position, through: last)
        func flush(isLast: Bool) throws {
            guard let last = run.last else { return }
            (skips ?? OperatorSkips(in: run)).mark(&run)
            let checkpoint = try reader.checkpoint(after: last)
            goesOn = try handover.project(run, checkpoint, isLast: isLast)
            if goesOn, let projected { goesOn = progress(projected) }
            projected = checkpoint
            // Its memory goes with whoever projects it.
            run = []
            run.reserveCapacity(factsPerRun / 4)
            factCount = 0
        }
        try reader.forEachBatch(from: position, through: last) { batch in
            run.append(try FactBatch(batch, reader.upcasters))
            factCount += batch.eventCount
            let isStop = stops.first.map { $0 <= batch.lastPosition } ?? false
            if isStop { stops = stops.drop { $0 <= batch.lastPosition } }
            if isStop || factCount >= factsPerRun {
                try flush(isLast: batch.lastPosition >= last)
            }
            return goesOn
        }
        if goesOn { try flush(isLast: true) }
        return goesOn
    }
}
