import DaybookCore
import DaybookDecisions
import DaybookLog

/// Which events an operator took back from a read model, further on in the log than they stand.
///
/// A read model that meets such an event for the first time when the skip is recorded already must not
/// take it either, even if today's projector could: a rebuild is equal to what was there before.
struct OperatorSkips {
    private let skips: [OperatorSkip]
    /// From each skipped event up to the decision to skip it.
    private let pending: [Range<LogPosition>]

    /// Whether an event that stands before this position was skipped only behind it.
    func isPending(at position: LogPosition) -> Bool {
        pending.contains { $0.contains(position) }
    }

    /// Asks the log; one look into the index of each segment.
    init(
        in reader: LogReader, from position: LogPosition, through last: LogPosition? = nil
    ) throws {
        let query = Query.any([QueryItem(types: [ProjectionEventSkipped.type])])
        let found = try reader.read(query, from: position, through: last).compactMap {
            event -> (skip: OperatorSkip, decidedAt: LogPosition)? in
            guard case .projectionEventSkipped(let skip) = try Event(event, reader.upcasters)
            else { return nil }
            return (OperatorSkip(skip), event.position)
        }
        skips = found.map(\.skip)
        pending = found.map { min($0.skip.position, $0.decidedAt)..<$0.decidedAt }
    }

    /// Looks through facts that are decoded already.
    init(in run: [FactBatch]) {
        pending = []
        skips = run.indices.filter { run[$0].mayReleaseParked }.flatMap { index in
            run[index].facts.compactMap { fact in
                guard case .projectionEventSkipped(let skip) = fact.event else { return nil }
                return OperatorSkip(skip)
            }
        }
    }

    /// Tells each batch which of its facts are skipped later.
    func mark(_ run: inout [FactBatch]) {
        for skip in skips {
            let place = run.firstIndex { batch in
                batch.facts.contains { $0.position == skip.position }
            }
            if let place { run[place].skips.append(skip) }
        }
    }
}
