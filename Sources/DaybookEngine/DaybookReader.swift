public import DaybookCore
import DaybookDecisions
package import DaybookLog
public import DaybookProjections
import DaybookVault
import Foundation

/// A store opened for reading: takes no lock, needs no permission to write, works beside a writer.
public final class DaybookReader: Sendable {
    /// Answers questions from the read models.
    public let readModels: ReadModels
    /// The log itself; ``refresh()`` finds what was added.
    package let log: LogReader
    private let store: StoreDirectory

    /// - Throws: ``DaybookError`` `store_not_found`, `log_corrupt`, `needs_newer_program`,
    ///   `read_only` when the files may not be read.
    public static func open(directory: String) throws(DaybookError) -> DaybookReader {
        try open(directory: directory, upcasters: .current)
    }

    package static func open(
        directory: String, upcasters: UpcasterChain
    ) throws(DaybookError) -> DaybookReader {
        let store = StoreDirectory(path: directory)
        guard FileManager.default.fileExists(atPath: store.log) else {
            throw DaybookError(.storeNotFound, "there is no Daybook store in \(store.path)")
        }
        do throws(EventLogError) {
            let storage = try FileStorage(path: store.log, readOnly: true)
            return DaybookReader(
                store: store,
                log: try LogReader.openReadOnly(
                    storage: storage, hash: .sha256, upcasters: upcasters))
        } catch {
            throw DaybookError(log: error)
        }
    }

    private init(store: StoreDirectory, log: LogReader) {
        self.store = store
        self.log = log
        readModels = ReadModels(
            directory: store.readModels, logID: log.logID,
            past: PastModels(reader: log, store: store))
    }

    public var logID: LogID { log.logID }

    /// The position of the last durable event that is known here.
    public var head: LogPosition { log.head.position }

    /// Looks for what was added to the log since.
    public func refresh() throws(DaybookError) {
        do throws(EventLogError) {
            try log.refresh()
        } catch {
            throw DaybookError(log: error)
        }
    }

    /// Hands out the events that an auditor asks for, in the order of their positions.
    ///
    /// - Parameter body: returns whether to go on.
    public func forEachEntry(
        _ question: AuditQuestion, _ body: (AuditEntry) throws -> Bool
    ) throws {
        try AuditTrail(reader: log).forEach(question, body)
    }

    /// The story of one order, from its own events.
    public func story(of order: OrderID) throws(DaybookError) -> OrderStory {
        do {
            guard let story = try OrderStory(of: order, in: log) else {
                throw DaybookError(.notFound, "there is no order \(order) in this store")
            }
            return story
        } catch {
            throw DaybookError(reading: error)
        }
    }

    /// Folds the log again, checks every invariant, compares snapshot and read models.
    ///
    /// - Parameters:
    ///   - includesModels: `false` leaves the read models out, which take most of the time.
    ///   - progress: told the position; returns whether to go on.
    package func replay(
        includesModels: Bool = true, progress: (LogPosition) -> Bool
    ) throws(DaybookError) -> Replay.Report {
        try Replay.run(log, in: store, includesModels: includesModels, progress: progress)
    }
}
