package import DaybookCore
package import DaybookDecisions
internal import GRDB

/// Builds one read model anew beside the live file, then puts it in its place.
///
/// ```
/// let rebuild = try ReadModelRebuild(of: .orders, at: path, logID: logID)
/// for run in runs { try rebuild.feed(run, checkpoint: …) }
/// let digests = try rebuild.finish()
/// try rebuild.swap()          // the live file must not be open for writing in this process
/// ```
package final class ReadModelRebuild {
    package let name: ReadModelName
    /// The live file's name.
    package let livePath: String
    /// The new file's name until it is swapped.
    package var path: String { livePath + ".rebuild" }
    private let projector: any Projector
    private var isFinished = false

    /// Starts with an empty file; what an interrupted rebuild left behind is removed.
    package init(of name: ReadModelName, at livePath: String, logID: LogID) throws {
        self.name = name
        self.livePath = livePath
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try FileSystem.remove(livePath + ".rebuild" + suffix)
        }
        let file = try ReadModelFile.create(
            name, at: livePath + ".rebuild", logID: logID, mode: .rebuild)
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

    /// Makes the indexes, takes the digests, makes the file durable and closes it.
    ///
    /// - Returns: the digests of the tables; they are stored in the file as well.
    package func finish() throws -> [TableDigest] {
        precondition(!isFinished, "ReadModelRebuild: finished already")
        let file = projector.file
        try projector.flush()
        try file.withDatabase { database in
            try database.inTransaction(.immediate) {
                for sql in name.schema.indexes { try database.execute(sql: sql) }
                return .commit
            }
            try database.setReadModelFormat()
        }
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

    /// Puts the finished file in the place of the live one.
    ///
    /// Readers that have the old file open go on reading it until they look again
    /// (``ReadModels`` does so at every question). The old write-ahead log is removed before the
    /// new file gets the name, so that it can never be read into it.
    ///
    /// - Parameter keepOld: leaves the old file as `<path>.old`, for comparing.
    package func swap(keepOld: Bool = false) throws {
        precondition(isFinished, "ReadModelRebuild: finish comes before swap")
        let old = livePath + ".old"
        try FileSystem.remove(old)
        if FileSystem.exists(livePath) { try FileSystem.rename(livePath, to: old) }
        for suffix in ["-wal", "-shm"] { try FileSystem.remove(livePath + suffix) }
        try FileSystem.rename(path, to: livePath)
        try FileSystem.syncFolder(of: livePath)
        if !keepOld { try FileSystem.remove(old) }
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
