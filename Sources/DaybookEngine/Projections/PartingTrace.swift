import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections
import Foundation

/// Finds the event at which a file parted from what its events project to, from the rows alone.
///
/// The stretch behind the last place where both were equal is projected event by event. What each differing
/// row looked like in between tells where the file stopped following: a column that has an earlier
/// value missed what came next.
struct PartingTrace {
    let comparison: ProjectionComparison
    let folder: String

    /// What one row went through.
    private struct History {
        var difference: RowDifference
        var table: TableDefinition
        /// The row as it was at the start, then behind each event that changed it.
        var states: [(position: LogPosition, row: StoredRow?)]
    }

    /// Where a row parted: at one of these events, ascending; at the only one when it is proved.
    private struct Finding {
        var candidates: [LogPosition]
        var difference: RowDifference
        var isSingle: Bool { candidates.count == 1 }

        init(at position: LogPosition, _ difference: RowDifference) {
            candidates = [position]
            self.difference = difference
        }

        init?(atOneOf candidates: [LogPosition], _ difference: RowDifference) {
            guard !candidates.isEmpty else { return nil }
            self.candidates = candidates
            self.difference = difference
        }
    }

    /// - Parameters:
    ///   - rows: how the file (left) differs from the projection (right) at the end of the stretch.
    ///   - start: the projection where both were equal; `nil`: the beginning of the log.
    func find(
        _ rows: [RowDifference], from start: ReadModelSnapshot?, through end: LogPosition,
        probes: Int
    ) throws -> ProjectionComparison.Parting {
        let equalAt = start?.checkpoint.position ?? .start
        let histories = try trace(rows, from: start, through: end)
        let findings = histories.flatMap(PartingTrace.judge)
        // One event explains many rows: where it is proved for one, it is the likeliest for all that it
        // can explain.
        let proved = Set(findings.filter(\.isSingle).map { $0.candidates[0] })
        let placed = findings.map { finding in
            (
                position: finding.candidates.first(where: proved.contains)
                    ?? finding.candidates[0], finding: finding
            )
        }
        let first = placed.min { left, right in
            (left.position, left.finding.isSingle ? 0 : 1)
                < (right.position, right.finding.isSingle ? 0 : 1)
        }
        let told = first?.finding.difference
        return ProjectionComparison.Parting(
            equalAt: equalAt, differsAt: end, event: first?.position,
            type: try first.flatMap { try comparison.type(at: $0.position) },
            // A row that was changed by hand looks like any of these, so rows alone prove no event.
            isExact: false,
            rows: (told.map { [$0] } ?? []) + rows.filter { $0 != told }, probes: probes)
    }

    private func trace(
        _ rows: [RowDifference], from start: ReadModelSnapshot?, through end: LogPosition
    ) throws -> [History] {
        let name = comparison.name
        let path = folder + "/" + name.fileName + ".trace"
        let file: ReadModelFile
        if let start {
            try start.copy(to: path)
            file = try ReadModelFile.open(copy: path, of: name)
        } else {
            file = try ReadModelFile.create(
                name, at: path, logID: comparison.reader.logID, mode: .rebuild)
        }
        let projector = try name.makeProjector(file: file)
        defer { try? projector.close() }
        var histories = try rows.compactMap { difference -> History? in
            guard let table = name.schema.table(named: difference.table) else { return nil }
            let row = try file.row(difference.key, of: table)
            return History(
                difference: difference, table: table,
                states: [(file.checkpoint.position, row)])
        }
        try comparison.reader.forEachBatch(
            from: file.checkpoint.position.advanced(by: 1), through: end
        ) { view in
            let batch = try FactBatch(view, comparison.reader.upcasters)
            for fact in batch.facts {
                try projector.project(alone: fact, of: batch)
                for index in histories.indices {
                    let row = try file.row(
                        histories[index].difference.key, of: histories[index].table)
                    guard row != histories[index].states.last?.row else { continue }
                    histories[index].states.append((fact.position, row))
                }
            }
            return true
        }
        return histories
    }

    /// Where this row parted, as far as it tells: one finding for each column that differs.
    private static func judge(_ history: History) -> [Finding] {
        let difference = history.difference
        guard let left = difference.left else {
            // Missing in the file: it missed what made the row.
            let made = history.states.dropFirst().first { $0.row != nil }
            return made.map { [Finding(at: $0.position, difference)] } ?? []
        }
        guard let right = difference.right else {
            // Too much in the file: it missed what took the row away, if anything did.
            let gone = history.states.dropFirst().last { $0.row == nil }
            return gone.map { [Finding(at: $0.position, difference)] } ?? []
        }
        return left.indices.filter { left[$0] != right[$0] }.compactMap { column in
            judge(column, left[column], history)
        }
    }

    private static func judge(
        _ column: Int, _ value: StoredValue, _ history: History
    ) -> Finding? {
        var changes: [(position: LogPosition, before: StoredValue?, after: StoredValue?)] = []
        for (earlier, later) in zip(history.states, history.states.dropFirst()) {
            let (before, after) = (earlier.row?[column], later.row?[column])
            if before != after { changes.append((later.position, before, after)) }
        }
        // The file took everything up to here and nothing behind it, or left one event out, or took it
        // twice: what each of these explanations allows is a candidate.
        var candidates = Set(oneMissedOrDoubled(changes, value))
        if let missed = changes.last(where: { $0.before == value }) {
            candidates.insert(missed.position)
        }
        if candidates.isEmpty { candidates = Set(changes.map(\.position)) }
        return Finding(atOneOf: candidates.sorted(), history.difference)
    }

    /// A sum that is off by exactly what one event adds: that event was left out, or taken twice.
    private static func oneMissedOrDoubled(
        _ changes: [(position: LogPosition, before: StoredValue?, after: StoredValue?)],
        _ value: StoredValue
    ) -> [LogPosition] {
        guard case .integer(let left) = value, case .integer(let right)? = changes.last?.after
        else { return [] }
        let steps = changes.compactMap { change -> (LogPosition, Int64)? in
            guard case .integer(let after)? = change.after else { return nil }
            guard case .integer(let before)? = change.before else {
                return (change.position, after)
            }
            return (change.position, after &- before)
        }
        return steps.filter { $0.1 == right &- left || $0.1 == left &- right }.map(\.0)
    }
}

extension Projector {
    /// Projects one event of a batch by itself, for a file that is looked at and thrown away: it counts
    /// events as if they were batches.
    fileprivate func project(alone fact: Fact, of batch: FactBatch) throws {
        var checkpoint = file.checkpoint
        checkpoint.batchNumber += 1
        checkpoint.position = fact.position
        try project(
            [
                FactBatch(
                    number: checkpoint.batchNumber, metadata: batch.metadata, facts: [fact])
            ], checkpoint: checkpoint)
        try flush()
    }
}

extension ProjectionComparison {
    func type(at position: LogPosition) throws -> EventType? {
        try reader.batch(containing: position)?.events.first { $0.position == position }?.type
    }
}
