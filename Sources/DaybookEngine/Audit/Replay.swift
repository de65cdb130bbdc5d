package import DaybookCore
import DaybookDecisions
import DaybookLog
package import DaybookProjections
import Synchronization

/// Proves the meaning of a log: folds every event again, checks every invariant, and compares what
/// follows with the snapshot and the read models. Calls no gateway, reads no clock, draws no chance.
package enum Replay {
    package struct Report: Hashable, Sendable {
        package var eventCount: UInt64 = 0
        package var batchCount: UInt64 = 0
        package var head = LogPosition.start
        /// Invariants that do not hold, each naming the position behind which it was seen.
        package var violations: [String] = []
        /// The position of the snapshot that was compared; `nil` without one.
        package var snapshotPosition: LogPosition?
        package var snapshotIsEqual = true
        /// Per model: `true` equal, `false` different, `nil` behind the log or not there.
        package var models: [ReadModelName: Bool?] = [:]

        package var hasFindings: Bool {
            !violations.isEmpty || !snapshotIsEqual || models.values.contains(false)
        }
    }

    /// After at least so many batches the invariants of the whole state are checked in between …
    private static let batchesPerCheck: UInt64 = 4_096
    /// … and after so many more for each order and account that a check looks at: what the checks cost
    /// stays a part of what folding costs, however much is open.
    private static let batchesPerSubject: UInt64 = 4
    /// After so many batches the progress is told.
    private static let batchesPerTelling: UInt64 = 4_096
    private static let violationLimit = 100

    /// - Parameters:
    ///   - snapshots: `nil`: those of the store.
    ///   - scratch: where the folder for the rebuilt models is made, and made itself if need be; `nil`: with
    ///     temporary files.
    ///   - includesModels: whether the read models are built anew and compared.
    ///   - isParallel: whether decoding and each model may have a thread of their own.
    static func run(
        _ reader: LogReader, in store: StoreDirectory, snapshots: SnapshotFile? = nil,
        scratch: String? = nil, includesModels: Bool = true, isParallel: Bool = true,
        progress: (LogPosition) -> Bool
    ) throws(DaybookError) -> Report {
        let snapshots = snapshots ?? SnapshotFile(directory: store.snapshots)
        do {
            var report = Report()
            try fold(reader, snapshots.readStored(), isParallel, &report, progress)
            if includesModels {
                try compareModels(
                    reader, store, ScratchFolder(in: scratch), isParallel, &report)
            }
            return report
        } catch {
            throw DaybookError(readModel: DaybookError(reading: error))
        }
    }

    private static func fold(
        _ reader: LogReader, _ snapshot: StoredSnapshot?, _ isParallel: Bool,
        _ report: inout Report, _ progress: (LogPosition) -> Bool
    ) throws {
        var state = EngineState.initialForComparison
        let snapshot = snapshot.flatMap { $0.logID == reader.logID ? $0 : nil }
        report.snapshotPosition = snapshot?.position
        // Only a comparison can clear it: one that is never reached belongs to another history.
        report.snapshotIsEqual = snapshot == nil
        report.head = reader.head.position
        var expected = LogPosition(rawValue: 1)
        var nextCheck = batchesPerCheck
        var comparison: WorkAside<Bool?>?
        do {
            try reader.forEachFactBatch(
                from: .start, through: report.head, isParallel: isParallel
            ) { batch in
                check(batch, from: &expected, &report)
                try state.evolve(with: batch, reader: reader)
                report.batchCount += 1
                report.eventCount += UInt64(batch.facts.count)
                if let snapshot, snapshot.position == batch.lastPosition {
                    let reached = state
                    if isParallel {
                        // Beside the rest, or beside the last look at the state.
                        comparison = WorkAside("compare") { snapshot.holds(reached) }
                    } else {
                        note(snapshot.holds(reached), &report)
                    }
                }
                if report.batchCount >= nextCheck {
                    check(state, at: batch.lastPosition, &report)
                    let subjects = UInt64(state.shop.openOrderCount + state.shop.userCount)
                    nextCheck =
                        report.batchCount + max(batchesPerCheck, subjects * batchesPerSubject)
                }
                guard report.batchCount % batchesPerTelling == 0 else { return true }
                return progress(batch.lastPosition) && report.violations.count < violationLimit
            }
        } catch {
            _ = try? comparison?.wait()
            throw error
        }
        check(state, at: report.head, &report)
        if let comparison { note(try comparison.wait(), &report) }
        _ = progress(report.head)
    }

    /// - Parameter isEqual: `nil` for a snapshot of another version, which says nothing.
    private static func note(_ isEqual: Bool?, _ report: inout Report) {
        report.snapshotIsEqual = isEqual ?? true
        if isEqual == nil { report.snapshotPosition = nil }
    }

    /// Positions one after another, and events that add up.
    private static func check(
        _ batch: FactBatch, from expected: inout LogPosition, _ report: inout Report
    ) {
        // Positions that were given up have no facts, hence the distance from the first.
        for index in batch.facts.indices {
            let position = batch.facts[index].position
            let distance = Int(position.rawValue - batch.facts[0].position.rawValue)
            if position != expected.advanced(by: distance) {
                report.violations.append("P-24: position \(position) is out of place")
            }
            for violation in batch.facts[index].event.violations() {
                report.violations.append("\(violation) (at position \(position))")
            }
        }
        expected = batch.lastPosition.advanced(by: 1)
    }

    private static func check(
        _ state: EngineState, at position: LogPosition, _ report: inout Report
    ) {
        for violation in state.shop.violations() where report.violations.count < violationLimit {
            report.violations.append("\(violation) (at position \(position))")
        }
    }

    /// Builds the models anew in a folder of its own, with one decoding of the log for all of them, and
    /// compares the digests.
    private static func compareModels(
        _ reader: LogReader, _ store: StoreDirectory, _ folder: borrowing ScratchFolder,
        _ isParallel: Bool, _ report: inout Report
    ) throws {
        var live: [ReadModelName: [TableDigest]] = [:]
        var rebuilds: [Confined<ReadModelRebuild>] = []
        for name in ReadModelName.allCases {
            live[name] = try digests(of: name, in: store, reader)
            guard live[name] != nil else {
                report.models[name] = .some(nil)
                continue
            }
            rebuilds.append(
                Confined(
                    try ReadModelRebuild(
                        of: name, at: folder.path(of: name), logID: reader.logID)))
        }
        guard !rebuilds.isEmpty else { return }
        try ReadModelSet.feed(reader, inParallel: isParallel, to: rebuilds.map(\.value.feeding))
        let built = Mutex<[ReadModelName: [TableDigest]]>([:])
        try rebuilds.forEachConfined(inParallel: isParallel) { rebuild in
            let digests = try rebuild.finish()
            built.withLock { $0[rebuild.name] = digests }
        }
        for (name, digests) in built.withLock({ $0 }) {
            report.models[name] = digests == live[name]
        }
    }

    /// The digests of a live file that holds everything; `nil` for any other, which proves nothing.
    private static func digests(
        of name: ReadModelName, in store: StoreDirectory, _ reader: LogReader
    ) throws -> [TableDigest]? {
        let path = store.path(of: name)
        guard let file = try? ReadModelFile.open(name, at: path) else { return nil }
        defer { try? file.close() }
        guard case .ready(let checkpoint) = file.judge(against: reader.identity),
            checkpoint.position == reader.head.position
        else { return nil }
        return try file.digests()
    }
}
