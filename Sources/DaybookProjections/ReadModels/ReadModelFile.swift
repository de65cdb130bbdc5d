package import DaybookCore
package import GRDB

/// One read model's SQLite file, open for writing. It belongs to the thread of its projector.
///
/// Rows and checkpoint move together, in one transaction. The file is disposable: in live mode it
/// survives a killed process and may lose its last transactions in a power cut, after which the
/// projector goes on from the older checkpoint.
package final class ReadModelFile {
    package enum Mode: Sendable {
        /// WAL, `synchronous=NORMAL`; readers work beside it.
        case live
        /// No journal, no syncs, indexes last; nobody reads it before it is finished.
        case rebuild
        /// A copy of its own that is projected on: no journal, no syncs.
        case copy
    }

    package let name: ReadModelName
    package let path: String
    package let mode: Mode
    /// What is durable with the rows.
    package private(set) var checkpoint: Checkpoint
    /// Why this projection stands still, if it does.
    package private(set) var stop: ProjectionStop?
    /// With more parked events than this the projection stands still.
    package var parkedLimit = 100_000
    private let queue: DatabaseQueue
    /// Of a live file.
    private var log: WriteAheadLog?
    /// Which file this is, whatever its name means by now.
    private let identity: FileIdentity?

    private init(
        name: ReadModelName, path: String, mode: Mode, queue: DatabaseQueue,
        header: ReadModelHeader, identity: FileIdentity?
    ) {
        self.name = name
        self.path = path
        self.mode = mode
        self.queue = queue
        self.checkpoint = header.checkpoint
        self.stop = header.stop
        self.identity = identity
        log = mode == .live ? WriteAheadLog(of: ReadModelPlace(path).realPath) : nil
    }

    /// Whether the name means another file by now: a rebuild has put one there.
    package var wasExchanged: Bool {
        let now = FileSystem.identity(of: path)
        return now != nil && now != identity
    }

    /// Makes a new live file with empty tables and lets the place's name mean it.
    package static func create(
        _ name: ReadModelName, in place: ReadModelPlace, logID: LogID
    ) throws -> ReadModelFile {
        try create(name, at: place.nextPath(), logID: logID).publish(at: place)
    }

    private func publish(at place: ReadModelPlace) throws -> ReadModelFile {
        try close()
        try place.point(to: path)
        return try ReadModelFile.open(name, at: place.path)
    }

    /// Makes a new file with empty tables; in rebuild mode without indexes.
    ///
    /// - Throws: ``ReadModelError``, also when there is a file already.
    package static func create(
        _ name: ReadModelName, at path: String, logID: LogID, mode: Mode = .live
    ) throws -> ReadModelFile {
        guard !FileSystem.exists(path) else {
            throw ReadModelError(
                code: .misuse, message: "a file is there already; it is not overwritten", path: path
            )
        }
        return try ReadModelError.translating(path: path) {
            let queue = try connect(path, mode)
            let schema = name.schema
            let header = ReadModelHeader(checkpoint: .start(of: logID), stop: nil)
            try queue.writeWithoutTransaction { database in
                if mode == .live { try database.setReadModelFormat() }
                try database.inTransaction(.immediate) {
                    let last = mode == .live ? schema.indexes : []
                    let tables =
                        [ReadModelSchema.projectionTable]
                        + (schema.tables + schema.views).map(\.sql)
                    for sql in tables + last { try database.execute(sql: sql) }
                    try header.insert(into: database, schema)
                    return .commit
                }
            }
            return ReadModelFile(
                name: name, path: path, mode: mode, queue: queue, header: header,
                identity: FileSystem.identity(of: path))
        }
    }

    /// Opens a file for live projecting. Call ``inspect(_:at:against:)`` first.
    ///
    /// - Throws: ``ReadModelError`` `.io` when there is none, `.damaged`, `.otherSchema`, `.busy`.
    package static func open(_ name: ReadModelName, at path: String) throws -> ReadModelFile {
        // Looked at first: if the name is exchanged in between, the next look finds it so.
        guard let identity = FileSystem.identity(of: path) else {
            throw ReadModelError(code: .io, message: "there is no such file", path: path)
        }
        return try translatingOpening(path) {
            let queue = try connect(path, .live)
            let header = try queue.read { try ReadModelHeader.read(from: $0, name, path: path) }
            return ReadModelFile(
                name: name, path: path, mode: .live, queue: queue, header: header,
                identity: identity)
        }
    }

    /// SQLite opens a file whose header names an unknown format for reading only: then the header is
    /// damaged, for files and folders that may be written are found out before.
    private static func translatingOpening<Value>(
        _ path: String, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_READONLY && FileSystem.isWritable(path)
        {
            throw ReadModelError(
                code: .damaged, message: "SQLite cannot write what the header names", path: path)
        } catch let error as DatabaseError {
            throw ReadModelError(error, path: path)
        }
    }

    /// Runs `body` while nobody else can project into the file.
    ///
    /// - Throws: ``ReadModelError`` `.busy` when somebody does for too long; what `body` throws.
    package func holdingWriters<Value>(_ body: () throws -> Value) throws -> Value {
        try withDatabase { database in
            try database.execute(sql: "BEGIN IMMEDIATE")
            defer { try? database.execute(sql: "ROLLBACK") }
            try refresh(in: database)
            return try body()
        }
    }

    private func refresh(in database: Database) throws {
        let header = try ReadModelHeader.read(from: database, name, path: path)
        checkpoint = header.checkpoint
        stop = header.stop
    }

    /// Opens a copy that nobody else uses, for projecting on at full speed: no journal, no syncs.
    ///
    /// Indexes that are missing are made.
    package static func open(copy path: String, of name: ReadModelName) throws -> ReadModelFile {
        try ReadModelError.translating(path: path) {
            let queue = try connect(path, .copy)
            let header = try queue.writeWithoutTransaction {
                try ReadModelHeader.read(from: $0, name, path: path, mayLackIndexes: true)
            }
            let file = ReadModelFile(
                name: name, path: path, mode: .copy, queue: queue, header: header,
                identity: FileSystem.identity(of: path))
            try file.completeIndexes()
            return file
        }
    }

    /// Makes the indexes that are missing.
    package func completeIndexes() throws {
        try withDatabase { database in
            let present = try ReadModelHeader.statements(in: database)
            try database.inTransaction(.immediate) {
                for sql in name.schema.indexes where !present.contains(sql) {
                    try database.execute(sql: sql)
                }
                return .commit
            }
        }
    }

    /// Copies the file, as it stands at its checkpoint, to a new place. Of a live one a
    /// ``ReadModelSnapshot`` is copied.
    ///
    /// Not made durable: a copy is checked before it is used, and without it a question about the past
    /// takes longer.
    /// - Complexity: O(size of the file).
    package func copy(to path: String) throws {
        // Everything is in the file, of which nobody else knows: there is no journal, and no lock that
        // matters.
        precondition(mode != .live, "ReadModelFile: a live one has a write-ahead log beside it")
        try FileSystem.copy(self.path, to: path)
    }

    /// Takes in what the file says now.
    func refresh(_ read: (Database) throws -> ReadModelHeader) throws {
        let header = try ReadModelError.translating(path: path) { try queue.read(read) }
        checkpoint = header.checkpoint
        stop = header.stop
    }

    /// Closes the connection; in live mode the write-ahead log is folded into the file.
    ///
    /// With a projector on the file, close the projector instead: it closes its statements first.
    package func close() throws {
        try ReadModelError.translating(path: path) { try queue.close() }
    }

    // MARK: Writing

    /// Runs `body` and stores `newCheckpoint` in one transaction: both or neither.
    ///
    /// - Throws: ``ReadModelError`` `.outpaced` when another process has moved the checkpoint: nothing was
    ///   changed, and the file must be opened anew.
    package func transaction(
        movingTo newCheckpoint: Checkpoint, _ body: (Database) throws -> Void
    ) throws {
        try ReadModelError.translating(path: path) {
            try queue.writeWithoutTransaction { database in
                try log?.configure(database)
                try database.inTransaction(.immediate) {
                    // First: what another process has applied must not look like a contradiction.
                    try ReadModelHeader.check(checkpoint, in: database, name, path: path)
                    guard !wasExchanged else {
                        throw ReadModelError(
                            code: .outpaced, message: "a rebuilt file has taken its place",
                            path: path)
                    }
                    try body(database)
                    if PlantedBug.checkpointApartFromRows.isPlanted {
                        try database.commit()
                        try database.beginTransaction(.immediate)
                    }
                    try ReadModelHeader(checkpoint: newCheckpoint, stop: nil).update(
                        in: database, name)
                    return .commit
                }
            }
        }
        checkpoint = newCheckpoint
        stop = nil
        log?.hasCommitted = true
    }

    /// Lets a write-ahead log grow that somebody else folds in, beside this connection, until it is taken back.
    package func leaveLogToOther(_ isLeft: Bool) { log?.isLeftToOther = isLeft }

    /// Records that this projection stands still, and why; rows and checkpoint stay as they are.
    ///
    /// The next successful transaction clears it.
    package func stop(_ reason: ProjectionStop) throws {
        try ReadModelError.translating(path: path) {
            try queue.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try ReadModelHeader.check(checkpoint, in: database, name, path: path)
                    try ReadModelHeader(checkpoint: checkpoint, stop: reason).update(
                        in: database, name)
                    return .commit
                }
            }
        }
        stop = reason
    }

    /// Runs `body` on the connection, outside a transaction.
    package func withDatabase<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try ReadModelError.translating(path: path) { try queue.writeWithoutTransaction(body) }
    }

    // MARK: Connections

    static func connect(_ path: String, _ mode: Mode) throws -> DatabaseQueue {
        if mode == .live, FileSystem.exists(path), !FileSystem.folderIsWritable(of: path) {
            // A copy without permission to write can still be judged and exported.
            return try Sources.connectReadOnly(path)
        }
        var configuration =
            mode == .live ? Configuration.readModel : Configuration.readModelInPreparation
        configuration.busyMode = .timeout(5)
        var path = path
        switch mode {
        case .live:
            // GRDB writes to a database without a write-ahead log, and looks for one beside the name: beside a
            // link it would never find one, and its write would have all of a killed process' log folded in
            // before the file is open. If the name is exchanged meanwhile, `wasExchanged` tells.
            path = ReadModelPlace(path).realPath
            configuration.journalMode = .wal
            // Rows of persons lie all over the file: with SQLite's own 2 MB every page would be read and
            // written again in each run.
            configuration.prepareDatabase { database in
                try database.execute(
                    sql: "PRAGMA cache_size = -16384; \(WriteAheadLog.firstSettings)")
            }
        case .rebuild, .copy:
            // A rebuild writes rows in the order of their keys; a copy is changed all over.
            let cacheKiB = mode == .rebuild ? 4_096 : 16_384
            configuration.prepareDatabase { database in
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                        PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -\(cacheKiB);
                        PRAGMA secure_delete = OFF
                        """)
            }
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}

/// Why a projection stands still: an event that it does not understand, or cannot be right.
package struct ProjectionStop: Hashable, Sendable {
    /// The event that could not be projected.
    package var position: LogPosition
    package var reason: String

    package init(position: LogPosition, reason: String) {
        self.position = position
        self.reason = reason
    }
}
