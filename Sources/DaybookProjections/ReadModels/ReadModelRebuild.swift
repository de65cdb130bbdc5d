package import DaybookCore
package import DaybookDecisions
internal import GRDB
internal import Glibc

/// Builds one read model anew beside the live file, then lets the live name mean it.
///
/// ```
/// let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: logID)
/// for run in runs { try rebuild.feed(run, checkpoint: …) }
/// let digests = try rebuild.finish()
/// try rebuild.publish()
/// ```
package final class ReadModelRebuild {
    package let name: ReadModelName
    /// The live file's name.
    package let livePath: String
    /// The new file's name until it is published.
    package let path: String
    private let projector: any Projector
    /// Nothing can be fed any more.
    package private(set) var isFinished = false

    /// Starts with an empty file under a name of its own, `<live path>.rebuild-…`.
    package init(of name: ReadModelName, at livePath: String, logID: LogID) throws {
        self.name = name
        self.livePath = livePath
        var number = 1
        while FileSystem.exists("\(livePath).rebuild-\(getpid())-\(number)") { number += 1 }
        path = "\(livePath).rebuild-\(getpid())-\(number)"
        let file = try ReadModelFile.create(name, at: path, logID: logID, mode: .rebuild)
        projector = try name.makeProjector(file: file)
    }

    /// How far the new file has come.
    package var checkpoint: Checkpoint { projector.file.checkpoint }

    /// Projects a run at full speed: no journal, no syncs.
    ///
    /// After an error the new file is worth nothing: call ``cancel()``.
    package func feed(_ run: [FactBatch], checkpoint: Checkpoint) throws {
        try projector.project(run, checkpoint: checkpoint)
    }

    /// The digests as they are now. Reads all rows.
    package func digests() throws -> [TableDigest] {
        try projector.flush()
        return try projector.file.digests()
    }

    /// Keeps a copy of the new file as it stands at its checkpoint, without indexes.
    package func copy(to path: String) throws {
        try projector.flush()
        try projector.file.copy(to: path)
    }

    /// Makes the indexes, takes the digests, makes the file durable and closes it.
    ///
    /// - Returns: the digests of the tables; they are stored in the file as well.
    package func finish() throws -> [TableDigest] {
        precondition(!isFinished, "ReadModelRebuild: finished already")
        let file = projector.file
        try projector.flush()
        try file.completeIndexes()
        try file.withDatabase { try $0.setReadModelFormat() }
        let digests = try file.recordDigests()
        try file.withDatabase { database in
            // The new name is read as WAL from its first moment; nothing is in a log yet. The lock
            // is given back only by the next access, hence the reading in between.
            try database.execute(
                sql: """
                    PRAGMA locking_mode = NORMAL; SELECT count(*) FROM projection;
                    PRAGMA journal_mode = WAL
                    """)
        }
        try projector.close()
        try FileSystem.sync(path)
        isFinished = true
        return digests
    }

    /// Lets the live name mean the finished file, in one step; whoever reads or projects finds it at the
    /// next look, and goes on in the old file until then.
    ///
    /// - Returns: the old file, which is kept; `nil` when there was none.
    @discardableResult
    package func publish() throws -> String? {
        precondition(isFinished, "ReadModelRebuild: finish comes before publish")
        let place = ReadModelPlace(livePath)
        try place.adoptPlainFile()
        let old = FileSystem.identity(of: livePath) == nil ? nil : place.realPath
        try place.point(to: try place.number(path))
        return old
    }

    /// Gives up and removes the new file; the live one is untouched.
    package func cancel() throws {
        if !isFinished { try projector.close() }
        for suffix in ["", "-wal", "-shm", "-journal"] { try FileSystem.remove(path + suffix) }
    }
}

extension ReadModelName {
    /// The projector that fills this model.
    package func makeProjector(file: ReadModelFile) throws -> any Projector {
        switch self {
        case .inventory: try InventoryProjector(file: file)
        case .orders: try OrdersProjector(file: file)
        case .users: try UsersProjector(file: file)
        }
    }

    /// The event types that the model's rows depend on.
    package var consumedTypes: Set<EventType> {
        switch self {
        case .inventory: InventoryProjector.consumedTypes
        case .orders: OrdersProjector.consumedTypes
        case .users: UsersProjector.consumedTypes
        }
    }
}
