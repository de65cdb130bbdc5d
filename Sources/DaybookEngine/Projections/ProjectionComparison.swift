package import DaybookCore
import DaybookDecisions
package import DaybookLog
package import DaybookProjections
import Foundation

/// Proves that two builds of a read model are equal, or names the first event at which they part.
///
/// Both are compared by the digests of their tables at the end. When these differ, the places where both
/// sides are known are bisected, so that no more than one stretch of the log is looked at event by event.
///
/// Source: ARCHITECTURE.md section 5; ADR 0017.
package struct ProjectionComparison: Sendable {
    package struct Report: Sendable {
        package var name: ReadModelName
        /// Where both were compared.
        package var position: LogPosition
        package var left: [TableDigest]
        package var right: [TableDigest]
        /// Where they part; `nil` when they are equal.
        package var parting: Parting?

        package var isEqual: Bool { left == right }
        package var tables: [String] {
            zip(left, right).filter { $0 != $1 }.map(\.0.table)
        }
    }

    /// Where two builds part.
    package struct Parting: Sendable {
        /// The last place at which both were found equal, and the first at which they were not.
        package var equalAt: LogPosition
        package var differsAt: LogPosition
        /// The first event that the two sides took differently; `nil` when the rows do not tell.
        package var event: LogPosition?
        package var type: EventType?
        /// Whether it is proved that the two part at this event's batch: both were built right before and
        /// right behind it. Rows of files alone point to an event and prove none.
        package var isExact: Bool
        /// The rows in which they differ right behind it, the one that tells first.
        package var rows: [RowDifference]
        /// How many pairs of builds were compared to find it.
        package var probes: Int
    }

    let name: ReadModelName
    let reader: LogReader
    let store: StoreDirectory

    package init(of name: ReadModelName, in directory: String, log reader: LogReader) {
        self.name = name
        self.reader = reader
        store = StoreDirectory(path: directory)
    }

    /// At most so many differing rows of each table are looked at.
    static let rowLimit = 32

    /// Compares the live model with a rebuild by this program.
    ///
    /// - Parameter progress: told positions; returns whether to go on.
    /// - Throws: ``DaybookError`` `readModel` when the live model cannot be compared, `closed` when
    ///   cancelled.
    package func compareWithRebuild(
        progress: (_ done: LogPosition, _ end: LogPosition) -> Bool
    ) throws(DaybookError) -> Report {
        try translating {
            let live = try ReadModelSnapshot(of: name, at: store.path(of: name))
            try check(live)
            let kept = try keptCopies(before: live.checkpoint.position)
            let scratch = try ScratchFolder()
            let rebuilt = try rebuild(
                to: live.checkpoint.position, copyingAt: kept.map(\.checkpoint.position),
                in: scratch.path, progress)
            return try compare(kept + [live], with: rebuilt, scratch.path)
        }
    }

    /// Compares the live model with another file of the same log, at the position of the earlier one.
    package func compare(withFile path: String) throws(DaybookError) -> Report {
        try translating {
            let other = try ReadModelSnapshot(of: name, at: path)
            try check(other)
            var live = try ReadModelSnapshot(of: name, at: store.path(of: name))
            try check(live)
            guard live.checkpoint.position >= other.checkpoint.position else {
                throw DaybookError(
                    .readModel,
                    "\(path) is at position \(other.checkpoint.position), the live model only at "
                        + "\(live.checkpoint.position)")
            }
            if live.checkpoint.position > other.checkpoint.position {
                live = try PastModels.make(
                    name, at: other.checkpoint.position, from: reader, in: store)
            }
            let scratch = try ScratchFolder()
            return try compare([live], with: [other], scratch.path)
        }
    }

    /// Compares what another program makes of the log with what this one makes of it, event by event.
    package func compare(
        withProgram program: OtherProgram, progress: (LogPosition, LogPosition) -> Bool
    ) throws(DaybookError) -> Report {
        try translating {
            let head = reader.head.position
            let scratch = try ScratchFolder()
            let ours = try rebuild(to: head, copyingAt: [], in: scratch.path, progress)[0]
            let theirs = try program.build(name, at: head, from: nil, in: scratch.path)
            var report = Report(
                name: name, position: head, left: try theirs.digests(), right: try ours.digests())
            guard !report.isEqual else { return report }
            report.parting = try BuildBisection(
                comparison: self, program: program, folder: scratch.path
            ).find(through: head)
            return report
        }
    }

    // MARK: Steps

    /// - Parameters:
    ///   - left: one side at ascending positions; the last one is what is compared.
    ///   - right: the other side at the same positions.
    private func compare(
        _ left: [ReadModelSnapshot], with right: [ReadModelSnapshot], _ scratch: String
    ) throws -> Report {
        let last = left.count - 1
        var report = Report(
            name: name, position: left[last].checkpoint.position, left: try left[last].digests(),
            right: try right[last].digests())
        guard !report.isEqual else { return report }
        var equal = -1
        var different = last
        var tables = report.tables
        var probes = 1
        while different - equal > 1 {
            let middle = equal + (different - equal) / 2
            probes += 1
            let differing = try differingTables(left[middle], right[middle])
            if differing.isEmpty {
                equal = middle
            } else {
                (different, tables) = (middle, differing)
            }
        }
        let rows = try left[different].differences(
            from: right[different], in: tables.compactMap(name.schema.table),
            limit: ProjectionComparison.rowLimit)
        report.parting = try PartingTrace(comparison: self, folder: scratch).find(
            rows, from: equal < 0 ? nil : right[equal],
            through: right[different].checkpoint.position, probes: probes)
        return report
    }

    /// Reads all rows of both.
    func differingTables(
        _ left: ReadModelSnapshot, _ right: ReadModelSnapshot
    ) throws -> [String] {
        try zip(left.digests(), right.digests()).filter { $0 != $1 }.map(\.0.table)
    }

    /// What this program makes of the log, at every position given and at the end.
    private func rebuild(
        to end: LogPosition, copyingAt stops: [LogPosition], in folder: String,
        _ progress: (LogPosition, LogPosition) -> Bool
    ) throws -> [ReadModelSnapshot] {
        let rebuild = try ReadModelRebuild(
            of: name, at: folder + "/" + name.fileName, logID: reader.logID)
        var copies: [ReadModelSnapshot] = []
        func copy() throws {
            let path = "\(folder)/\(name).\(copies.count).rebuilt"
            try rebuild.copy(to: path)
            copies.append(try ReadModelSnapshot(of: name, at: path, isStill: true))
        }
        let isWhole = try ReadModelSet.feed(
            reader, through: end, stoppingAt: stops, inParallel: true
        ) { run, checkpoint in
            try rebuild.feed(run, checkpoint: checkpoint)
            if stops.contains(checkpoint.position) { try copy() }
            return progress(checkpoint.position, end)
        }
        guard isWhole else { throw DaybookError(.closed, "the comparison was cancelled") }
        try copy()
        try rebuild.cancel()
        return copies
    }

    /// The kept copies of the live model that can be compared with.
    private func keptCopies(before end: LogPosition) throws -> [ReadModelSnapshot] {
        let files = CheckpointFiles(
            name, besides: store.readModels)
        return try files.kept().compactMap { kept in
            // One that cannot be used only makes the stretch longer that is looked at.
            guard kept.isUnchanged,
                let copy = try? ReadModelSnapshot(of: name, at: kept.path, isStill: true),
                copy.checkpoint.position < end, (try? check(copy)) != nil
            else { return nil }
            return copy
        }
    }

    private func check(_ snapshot: ReadModelSnapshot) throws {
        if snapshot.checkpoint.position > reader.head.position { try reader.refresh() }
        guard case .ready = reader.identity.condition(of: snapshot.checkpoint) else {
            throw DaybookError(
                .readModel, "\(snapshot.path) was not projected from what this log holds")
        }
        if let stop = snapshot.stop {
            throw DaybookError(
                .readModel,
                "\(snapshot.path) stands still at position \(stop.position): \(stop.reason)")
        }
    }

    private func translating<Value>(_ body: () throws -> Value) throws(DaybookError) -> Value {
        do {
            return try body()
        } catch {
            throw DaybookError(readModel: error)
        }
    }
}
