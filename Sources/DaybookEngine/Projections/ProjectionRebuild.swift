package import DaybookCore
import DaybookDecisions
import DaybookLog
package import DaybookProjections
import Foundation
import Synchronization

/// Builds read models anew from the log and puts them in the place of the old ones.
///
/// Takes the writer's lock, so nobody projects meanwhile; readers stay served by the old files until
/// the swap. A cancelled or failed rebuild leaves the old files untouched.
package enum ProjectionRebuild {
    /// What became of one model.
    package struct Report: Hashable, Sendable {
        package var name: ReadModelName
        package var digests: [TableDigest]
        /// The digests of the file that was replaced; `nil` when there was none at this position.
        package var previousDigests: [TableDigest]?

        /// Whether old and new hold the same rows; `nil` when there was nothing to compare.
        package var isEqual: Bool? { previousDigests.map { $0 == digests } }
    }

    /// - Parameter progress: told positions done and wanted; returns whether to go on.
    package static func rebuild(
        _ names: [ReadModelName], of configuration: DaybookConfiguration,
        progress: (_ done: LogPosition, _ head: LogPosition) -> Bool
    ) throws(DaybookError) -> [Report] {
        let log: OpenedLog
        do throws(EventLogError) {
            let storage = try configuration.openLogStorage()
            let files = ReadModelName.allCases.compactMap {
                try? ReadModelFile.open($0, at: configuration.store.path(of: $0))
            }
            defer { for file in files { try? file.close() } }
            log = try LogDirectory.open(
                storage: storage, options: configuration.logOptions, hash: .sha256,
                clock: configuration.clock,
                evidence: try configuration.recoveryEvidence(files, on: storage))
        } catch {
            throw DaybookError(log: error)
        }
        defer {
            // Nothing was written; a failure to mark the log clean costs the next start a scan.
            try? log.committer.close()
        }
        do {
            return try rebuild(names, in: configuration.store, from: log.reader, progress)
        } catch {
            throw DaybookError(readModel: error)
        }
    }

    private static func rebuild(
        _ names: [ReadModelName], in store: StoreDirectory, from reader: LogReader,
        _ progress: (LogPosition, LogPosition) -> Bool
    ) throws -> [Report] {
        try FileManager.default.createDirectory(
            atPath: store.readModels, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let previous = try names.map { try ReadModelSet.digests(of: $0, in: store, reader) }
        let rebuilds = try names.map {
            Confined(
                try ReadModelRebuild(of: $0, at: store.path(of: $0), logID: reader.logID))
        }
        do {
            guard try feed(rebuilds, from: reader, progress) else {
                throw DaybookError(
                    .closed, "the rebuild was cancelled; the read models are as before")
            }
            let digests = try finish(rebuilds)
            for rebuild in rebuilds { try rebuild.value.swap() }
            return names.indices.map {
                Report(name: names[$0], digests: digests[$0], previousDigests: previous[$0])
            }
        } catch {
            // The reason of the failure matters more than what cleaning up says.
            for rebuild in rebuilds { try? rebuild.value.cancel() }
            throw error
        }
    }

    /// One decoding for all models, each on its own thread.
    private static func feed(
        _ rebuilds: [Confined<ReadModelRebuild>], from reader: LogReader,
        _ progress: (LogPosition, LogPosition) -> Bool
    ) throws -> Bool {
        let head = reader.head.position
        return try ReadModelSet.feed(reader) { run, checkpoint in
            try inParallel(rebuilds) { try $0.feed(run, checkpoint: checkpoint) }
            return progress(checkpoint.position, head)
        }
    }

    private static func finish(_ rebuilds: [Confined<ReadModelRebuild>]) throws -> [[TableDigest]] {
        let digests = Mutex([[TableDigest]](repeating: [], count: rebuilds.count))
        try inParallel(rebuilds.indices.map { Confined($0) }) { index in
            let result = try rebuilds[index].value.finish()
            digests.withLock { $0[index] = result }
        }
        return digests.withLock { $0 }
    }

    private static func inParallel<Element>(
        _ elements: [Confined<Element>], _ body: (Element) throws -> Void
    ) throws {
        let failures = Failures()
        // Each element is used by one thread only, and all have ended when the call returns.
        withoutActuallyEscaping(body) { body in
            let confined = Confined(body)
            DispatchQueue.concurrentPerform(iterations: elements.count) { index in
                failures.attempt { try confined.value(elements[index].value) }
            }
        }
        if let failure = failures.first { throw failure }
    }
}
