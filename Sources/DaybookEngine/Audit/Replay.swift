package import DaybookCore
import DaybookDecisions
import DaybookLog
package import DaybookProjections
import Foundation

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

    /// Every so many batches the invariants are checked in between, and always at the end.
    private static let batchesPerCheck: UInt64 = 4_096
    private static let violationLimit = 100

    /// - Parameters:
    ///   - snapshots: `nil`: those of the store.
    ///   - scratch: a folder for the rebuilt models, which is removed; `nil`: one of the system's.
    static func run(
        _ reader: LogReader, in store: StoreDirectory, snapshots: SnapshotFile? = nil,
        scratch: String? = nil, progress: (LogPosition) -> Bool
    ) throws(DaybookError) -> Report {
        let snapshots = snapshots ?? SnapshotFile(directory: store.snapshots)
        let scratch = scratch.map { URL(fileURLWithPath: $0) } ?? temporaryFolder
        do {
            var report = Report()
            try fold(reader, snapshots.read(), &report, progress)
            try compareModels(reader, store, scratch, &report)
            return report
        } catch {
            throw DaybookError(readModel: DaybookError(reading: error))
        }
    }

    private static func fold(
        _ reader: LogReader, _ snapshot: Snapshot?, _ report: inout Report,
        _ progress: (LogPosition) -> Bool
    ) throws {
        var state = EngineState.initial
        let snapshot = snapshot.flatMap { $0.logID == reader.logID ? $0 : nil }
        report.snapshotPosition = snapshot?.position
        // Only a comparison can clear it: one that is never reached belongs to another history.
        report.snapshotIsEqual = snapshot == nil
        report.head = reader.head.position
        var expected = LogPosition(rawValue: 1)
        try reader.forEachBatch(from: .start, through: report.head) { view in
            let batch = try FactBatch(view, reader.upcasters)
            for fact in batch.facts
            where fact.position
                != expected.advanced(
                    by: Int(fact.position.rawValue - batch.facts[0].position.rawValue))
            {
                report.violations.append("P-24: position \(fact.position) is out of place")
            }
            expected = batch.lastPosition.advanced(by: 1)
            for fact in batch.facts {
                report.violations += fact.event.violations().map {
                    "\($0) (at position \(fact.position))"
                }
            }
            try state.evolve(with: batch, reader: reader)
            report.batchCount += 1
            report.eventCount += UInt64(batch.facts.count)
            if let snapshot, snapshot.position == batch.lastPosition {
                report.snapshotIsEqual = snapshot.state == state
            }
            guard report.batchCount % batchesPerCheck == 0 else { return true }
            check(state, at: batch.lastPosition, &report)
            return progress(batch.lastPosition) && report.violations.count < violationLimit
        }
        check(state, at: report.head, &report)
        _ = progress(report.head)
    }

    private static func check(
        _ state: EngineState, at position: LogPosition, _ report: inout Report
    ) {
        for violation in state.shop.violations() where report.violations.count < violationLimit {
            report.violations.append("\(violation) (at position \(position))")
        }
    }

    private static var temporaryFolder: URL {
        FileManager.default.temporaryDirectory.appendingPathComponent(
            "daybook-replay-\(ProcessInfo.processInfo.processIdentifier)")
    }

    /// Builds each model anew in a folder of its own and compares the digests.
    private static func compareModels(
        _ reader: LogReader, _ store: StoreDirectory, _ folder: URL, _ report: inout Report
    ) throws {
        let manager = FileManager.default
        try manager.createDirectory(
            at: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        defer { try? manager.removeItem(at: folder) }
        for name in ReadModelName.allCases {
            guard let live = try digests(of: name, in: store, reader) else {
                report.models[name] = .some(nil)
                continue
            }
            let rebuild = try ReadModelRebuild(
                of: name, at: folder.path + "/" + name.fileName, logID: reader.logID)
            try ReadModelSet.feed(reader) { run, checkpoint in
                try rebuild.feed(run, checkpoint: checkpoint)
                return true
            }
            report.models[name] = try rebuild.finish() == live
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
