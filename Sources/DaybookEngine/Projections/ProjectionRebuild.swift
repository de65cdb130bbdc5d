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

    /// With more events than this behind the comparison they are fed like those before it.
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
                try feed(
                    rebuilds, from: .start, through: rebuilds.compactMap(\.comparable).min(),
                    reader, progress)
                let wanted = try compare(rebuilds, expectsChanges: expectsChanges) { position in
                    reader.head.position.rawValue - position.rawValue > farEventCount
                }
                let behind = wanted.filter { $0.nextPosition != nil }
                if let first = behind.compactMap(\.nextPosition).min() {
                    try feed(behind, from: first, through: nil, reader, progress)
                }
                try wanted.map { Confined($0) }.forEachConfined(inParallel: true) {
                    try $0.publish()
                }
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

    /// One decoding for all models, each on its own thread.
    ///
    /// - Parameter last: `nil`: up to the head.
    private static func feed(
        _ rebuilds: [ModelRebuild], from first: LogPosition, through last: LogPosition?,
        _ reader: LogReader, _ progress: (LogPosition, LogPosition) -> Bool
    ) throws {
        let head = reader.head.position
        let end = last ?? head
        let confined = rebuilds.map { Confined($0) }
        let isWhole = try ReadModelSet.feed(reader, from: first, through: end, inParallel: true) {
            run, checkpoint in
            try confined.forEachConfined(inParallel: true) { try $0.feed(run, checkpoint) }
            return progress(checkpoint.position, head)
        }
        guard isWhole, progress(end, head) else {
            throw DaybookError(.closed, "the rebuild was cancelled; the read models are as before")
        }
    }

    /// - Returns: those that are to be published.
    private static func compare(
        _ rebuilds: [ModelRebuild], expectsChanges: Bool,
        isFar: @Sendable (LogPosition) -> Bool
    ) throws -> [ModelRebuild] {
        let wanted = Mutex<Set<ReadModelName>>([])
        try withoutActuallyEscaping(isFar) { isFar in
            try rebuilds.map { Confined($0) }.forEachConfined(inParallel: true) { rebuild in
                guard try rebuild.compare(expectsChanges: expectsChanges, isFar: isFar) else {
                    return
                }
                wanted.withLock { _ = $0.insert(rebuild.name) }
            }
        }
        return rebuilds.filter { rebuild in wanted.withLock { $0.contains(rebuild.name) } }
    }
}
