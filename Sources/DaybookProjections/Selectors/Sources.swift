internal import DaybookCore
internal import GRDB
internal import Synchronization

/// The open files of the read models.
final class Sources: Sendable {
    /// One open file, and which file it was when it was opened.
    private struct Source {
        var reader: ReaderPool
        var identity: FileIdentity
    }

    private let directory: String
    private let logID: LogID?
    private let open = Mutex<[ReadModelName: Source]>([:])
    private let statements = Atomic<Int>(0)

    /// - Parameter logID: of the log that the files must be projected from; `nil`: any.
    init(directory: String, logID: LogID? = nil) {
        self.directory = directory
        self.logID = logID
    }

    var statementCount: Int { statements.load(ordering: .relaxed) }

    func close() {
        let closing = open.withLock { sources in
            defer { sources = [:] }
            return sources
        }
        // Readers at work keep their connection until they are done.
        _ = closing
    }

    /// Runs `body` in one snapshot of the model's file.
    ///
    /// - Throws: what `body` throws as a ``SelectorError``; `read_model_unavailable` for all else.
    func read<Value>(
        _ model: ReadModelName, _ body: (Snapshot) throws -> Value
    ) throws(SelectorError) -> Value {
        do {
            return try reader(of: model).read { try read(model, $0, $1, body) }
        } catch let error as SelectorError {
            throw error
        } catch {
            throw SelectorError.unavailable(model, error)
        }
    }

    /// The same in a model as it was.
    func read<Value>(
        _ model: ReadModelName, in past: ReadModelSnapshot, _ body: (Snapshot) throws -> Value
    ) throws(SelectorError) -> Value {
        do {
            return try past.reader.read { database in
                let prepared = PreparedStatements(database)
                defer { prepared.reset() }
                return try read(model, database, prepared, body)
            }
        } catch let error as SelectorError {
            throw error
        } catch {
            throw SelectorError.unavailable(model, error)
        }
    }

    private func read<Value>(
        _ model: ReadModelName, _ database: Database, _ prepared: PreparedStatements,
        _ body: (Snapshot) throws -> Value
    ) throws -> Value {
        let snapshot = Snapshot(database, prepared, model)
        defer { statements.add(snapshot.statementCount, ordering: .relaxed) }
        return try body(snapshot)
    }

    // MARK: Files

    /// The open file, or the one that has its name now, should that be another.
    private func reader(of model: ReadModelName) throws -> ReaderPool {
        let path = directory + "/" + model.fileName
        let seen = FileSystem.identity(of: path)
        return try open.withLock { sources in
            if let source = sources[model], source.identity == seen || seen == nil {
                // No file at all: it was deleted; what is open is still whole.
                return source.reader
            }
            // Somebody else may have opened the new one since.
            let identity = FileSystem.identity(of: path)
            if let source = sources[model], source.identity == identity { return source.reader }
            guard let identity else {
                throw ReadModelError(code: .io, message: "there is no such file", path: path)
            }
            let (reader, found) = try Sources.connect(path, model)
            guard logID == nil || found == logID else {
                throw ReadModelError(
                    code: .damaged, message: "this is a model of another log, \(found)", path: path)
            }
            sources[model] = Source(reader: reader, identity: identity)
            return reader
        }
    }

    /// Opens read-only; where the folder cannot be written either, as an unchanging file.
    private static func connect(
        _ path: String, _ model: ReadModelName
    ) throws -> (ReaderPool, LogID) {
        do {
            return try pool(of: model, path) {
                try DatabaseQueue(path: path, configuration: .readModelReader)
            }
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
        {
            return try pool(of: model, path) { try Sources.connectReadOnly(path) }
        }
    }

    private static func pool(
        of model: ReadModelName, _ path: String,
        _ connect: @escaping @Sendable () throws -> DatabaseQueue
    ) throws -> (ReaderPool, LogID) {
        let pool = try ReaderPool(connect)
        // The first look opens the write-ahead log, so that it is this file's and no other's.
        let header = try pool.read { database, _ in
            try ReadModelHeader.read(from: database, model, path: path)
        }
        return (pool, header.checkpoint.logID)
    }

    /// For folders that cannot be written; a writer may work there all the same.
    ///
    /// - Throws: ``ReadModelError`` `.io` when changes lie in a write-ahead log that cannot be read without
    ///   writing: the file by itself is older, or half of a change.
    static func connectReadOnly(_ path: String) throws -> DatabaseQueue {
        let real = ReadModelPlace(path).realPath
        do {
            let queue = try DatabaseQueue(path: real, configuration: .readModelReader)
            // Opens the write-ahead log, or fails to.
            _ = try queue.read { try ReadModelHeader.statements(in: $0) }
            return queue
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
        {
            guard FileSystem.byteCount(of: real + "-wal") == 0 else {
                throw ReadModelError(
                    code: .io,
                    message:
                        "its newest changes are in a write-ahead log, which SQLite cannot read where "
                        + "it may not write; copy the store to a place where it may", path: path)
            }
            return try connectUnchanging(real)
        }
    }

    /// For files that nobody changes.
    static func connectUnchanging(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration.readModel
        configuration.readonly = true
        return try DatabaseQueue(
            path: "file:" + escaped(path) + "?immutable=1", configuration: configuration)
    }

    /// Opens a file for writing that must be there: none is made in its place.
    static func connectExisting(_ path: String) throws -> DatabaseQueue {
        try DatabaseQueue(path: "file:" + escaped(path) + "?mode=rw", configuration: .readModel)
    }

    /// Source: SQLite, "Uniform Resource Identifiers", section 3.1.
    private static func escaped(_ path: String) -> String {
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "%"):
                bytes.append(UInt8(ascii: "%"))
                bytes.append(contentsOf: Hexadecimal.text(of: CollectionOfOne(byte)).utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
