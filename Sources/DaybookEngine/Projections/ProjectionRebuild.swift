package import DaybookCore
import DaybookDecisions
import DaybookLog
package import DaybookProjections
import Foundation
import Synchronization

/// Builds read models anew from the log, beside the live ones, and puts them in their place.
///
/// Takes no lock of the store: commands go on, projectors go on, readers stay served. A new file is fed at
/// full speed, compared with the live one at the same position, brought up to the head, and then named
/// in one step; the old file is kept. A cancelled, failed or killed rebuild leaves the live files
/// untouched, and the next one starts again.
///
/// Source: ARCHITECTURE.md section 5; ADR 0016.
package enum ProjectionRebuild {
    /// What became of one model.
    package struct Report: Hashable, Sendable {
        package var name: ReadModelName
        package var digests: [TableDigest]
        /// The digests of the live file at the same position; `nil` when there was nothing to compare.
        package var previousDigests: [TableDigest]?
        /// Where the two were compared.
        package var comparedAt: LogPosition
        /// The live file is of another program, which may be running.
        package var isOfOtherProgram = false
        /// Whether the new file is the live one now.
        package var isPublished = false
        /// The file that was live before; `nil` when there was none, or it still is.
        package var earlierFile: String?

        /// Whether old and new hold the same rows; `nil` when there was nothing to compare.
        package var isEqual: Bool? { previousDigests.map { $0 == digests } }
    }

    /// With more events than this behind the comparison they are fed like those before it. Some seconds of feeding:
    /// a finished file takes them at half the speed, and what is not finished has its digests taken twice.
    private static let farEventCount: UInt64 = 1 << 18

    /// - Parameters:
    ///   - expectsChanges: publishes models that differ from the live ones too, and those that replace
    ///     the model of another program.
    ///   - progress: told positions done and wanted; returns whether to go on.
    /// - Throws: ``DaybookError`` `busy` when somebody else rebuilds, `damaged` when a live model knows
    ///   events that the log does not have, `closed` when cancelled.
    package static func rebuild(
        _ names: [ReadModelName], of configuration: DaybookConfiguration,
        expectsChanges: Bool = false, farEventCount: UInt64 = farEventCount,
        progress: (_ done: LogPosition, _ head: LogPosition) -> Bool
    ) throws(DaybookError) -> [Report] {
        do {
            let reader = try LogReader.openReadOnly(
                storage: try configuration.openLogStorage(), hash: .sha256,
                upcasters: configuration.logOptions.upcasters)
            try FileManager.default.createDirectory(
                atPath: configuration.store.readModels, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let lock = try RebuildLock(in: configuration.store)
            defer { lock.release() }
            for name in names {
                try ReadModelPlace(configuration.store.path(of: name)).removeLeftovers()
            }
            let policy = try configuration.loadedSettings().checkpointPolicy
            var rebuilds: [ModelRebuild] = []
            do {
                rebuilds = try begin(names, configuration.store, reader, policy)
                try build(rebuilds, from: reader, expectsChanges, farEventCount, progress)
                for failure in rebuilds.compactMap(\.failure) { throw failure }
                return rebuilds.map(\.report)
            } catch {
                for rebuild in rebuilds { rebuild.cancel() }
                throw error
            }
        } catch {
            throw DaybookError(readModel: error)
        }
    }

    /// Looks at all live models at once.
    private static func begin(
        _ names: [ReadModelName], _ store: StoreDirectory, _ reader: LogReader,
        _ policy: CheckpointPolicy
    ) throws -> [ModelRebuild] {
        let begun = Mutex<[ReadModelName: Confined<ModelRebuild>]>([:])
        do {
            try names.map { Confined($0) }.forEachConfined(inParallel: true) { name in
                let rebuild = Confined(
                    try ModelRebuild(of: name, in: store, from: reader, policy: policy))
                begun.withLock { $0[name] = rebuild }
            }
        } catch {
            for rebuild in begun.withLock({ $0.values.map(\.value) }) { rebuild.cancel() }
            throw error
        }
        return begun.withLock { begun in names.compactMap { begun[$0]?.value } }
    }

    /// Feeds, compares and publishes: where the live models are near the head, all that is left is each model's own;
    /// else all are fed together to the head, and each is compared on the way, where its live one stands.
    private static func build(
        _ rebuilds: [ModelRebuild], from reader: LogReader, _ expectsChanges: Bool,
        _ farEventCount: UInt64, _ progress: (LogPosition, LogPosition) -> Bool
    ) throws {
        let stands = Set(rebuilds.compactMap(\.comparable)).sorted()
        let isFar =
            stands.first.map {
                reader.head.position.rawValue - $0.rawValue > farEventCount
            } ?? false
        var next = LogPosition.start
        for stand in stands.prefix(isFar ? stands.count : 1) {
            try feed(rebuilds, from: next, through: stand, reader, progress)
            next = stand.advanced(by: 1)
            guard isFar else { continue }
            try rebuilds.filter { $0.comparable == stand }.forEachConfined {
                try $0.compare(expectsChanges: expectsChanges, finishes: false)
            }
        }
        if isFar || stands.isEmpty {
            try feed(rebuilds, from: next, through: nil, reader, progress)
        }
        try rebuilds.filter { !$0.isCompared }.forEachConfined {
            try $0.compare(expectsChanges: expectsChanges, finishes: true)
        }
        try rebuilds.forEachConfined { try $0.publish() }
    }

    /// One decoding for all models that take runs, each at its own speed.
    ///
    /// - Parameter last: `nil`: up to the head.
    private static func feed(
        _ rebuilds: [ModelRebuild], from first: LogPosition, through last: LogPosition?,
        _ reader: LogReader, _ progress: (LogPosition, LogPosition) -> Bool
    ) throws {
        let fed = rebuilds.filter(\.isFed)
        guard !fed.isEmpty else { return }
        let head = reader.head.position
        let end = last ?? head
        let bodies = fed.map { rebuild -> RunHandover.Body in
            { run, checkpoint in
                try rebuild.feed(run, checkpoint)
                return true
            }
        }
        let isWhole = try ReadModelSet.feed(
            reader, from: first, through: end, inParallel: true, to: bodies
        ) { progress($0.position, head) }
        guard isWhole, progress(end, head) else {
            throw DaybookError(.closed, "the rebuild was cancelled; the read models are as before")
        }
    }
}

extension [ModelRebuild] {
    /// Each on a thread of its own.
    fileprivate func forEachConfined(_ body: (ModelRebuild) throws -> Void) throws {
        try map { Confined($0) }.forEachConfined(inParallel: true) { try body($0) }
    }
}
