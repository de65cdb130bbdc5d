import CSQLite
import Foundation
import GRDB
import Glibc

/// The vault's SQLite file.
///
/// Small and careful: deleted values are overwritten (`secure_delete`), every transaction is on disk
/// when it returns. The journal is truncated rather than deleted, because SQLite syncs a truncated
/// journal, but the folder of a deleted one only with `synchronous=EXTRA`; a journal that came back
/// after a power cut would undo a key that an event needs.
///
/// Source: SQLite, PRAGMA synchronous, journal_mode, secure_delete.
struct VaultStore: Sendable {
    private let queue: DatabaseQueue
    /// `nil` for a vault in memory.
    private let path: String?

    static let fileName = "vault.sqlite"
    static let formatVersion: Int64 = 1

    /// What stands in a new vault.
    struct Header {
        var logID: Data
        var keyCheck: Data
        var wrappedIndexKey: Data
        var wrappedTokenKey: Data
    }

    // MARK: - Opening

    static func inMemory(_ header: Header) throws(VaultError) -> VaultStore {
        let queue = try translatingErrors(path: nil) {
            let queue = try DatabaseQueue(configuration: configuration(journal: "MEMORY"))
            try queue.write { try makeSchema($0, header) }
            return queue
        }
        return VaultStore(queue: queue, path: nil)
    }

    /// Makes the file whole or not at all: it is built under another name and renamed.
    static func create(path: String, _ header: Header) throws(VaultError) {
        let partial = path + ".part"
        unlink(partial)
        unlink(partial + "-journal")
        let descriptor = Glibc.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure.current("create", partial) }
        Glibc.close(descriptor)
        try translatingErrors(path: partial) {
            let queue = try DatabaseQueue(
                path: partial, configuration: configuration(journal: "DELETE"))
            try queue.write { try makeSchema($0, header) }
            try queue.close()
        }
        guard rename(partial, path) == 0 else { throw FileFailure.current("rename", partial) }
        try FileFailure.syncDirectory(of: path)
    }

    static func open(path: String, readOnly: Bool) throws(VaultError) -> VaultStore {
        guard access(path, F_OK) == 0 else {
            throw VaultError(
                .notFound,
                "there is no vault at \(path); restore it from a backup taken with the log, or "
                    + "create a new log", file: path)
        }
        let queue = try translatingErrors(path: path) {
            var configuration = configuration(journal: readOnly ? nil : "TRUNCATE")
            configuration.readonly = readOnly
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { database in
                let check = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
                guard check == "ok" else {
                    throw damaged(path, check ?? "quick_check gave nothing")
                }
                let version = try Int64.fetchOne(database, sql: "PRAGMA user_version")
                guard version == formatVersion else {
                    throw damaged(
                        path, "format version \(version ?? 0), this program reads \(formatVersion)")
                }
            }
            return queue
        }
        return VaultStore(queue: queue, path: path)
    }

    private static func configuration(journal: String?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "daybook vault"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA mmap_size = 0;
                    PRAGMA secure_delete = ON;
                    PRAGMA synchronous = FULL;
                    """)
            if let journal { try database.execute(sql: "PRAGMA journal_mode = \(journal)") }
            guard daybook_sqlite_be_defensive(database.sqliteConnection) != 0 else {
                throw DatabaseError(
                    message: "this SQLite knows no defensive mode; 3.26 or newer does")
            }
        }
        return configuration
    }

    private static func makeSchema(_ database: Database, _ header: Header) throws {
        try database.execute(
            sql: """
                CREATE TABLE vault (
                    name  TEXT PRIMARY KEY NOT NULL,
                    value BLOB NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE data_keys (
                    user_id     BLOB    NOT NULL CHECK (length(user_id) = 16),
                    version     INTEGER NOT NULL CHECK (version > 0),
                    wrapped_key BLOB    NOT NULL,
                    PRIMARY KEY (user_id, version)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE erasures (
                    user_id BLOB PRIMARY KEY NOT NULL CHECK (length(user_id) = 16)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE verifiers (
                    user_id  BLOB PRIMARY KEY NOT NULL CHECK (length(user_id) = 16),
                    verifier TEXT NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE token_keys (
                    key_id      INTEGER PRIMARY KEY NOT NULL,
                    wrapped_key BLOB NOT NULL
                ) STRICT;
                PRAGMA user_version = \(formatVersion);
                """)
        let values = [
            ("log_id", header.logID), ("key_check", header.keyCheck),
            ("index_key", header.wrappedIndexKey),
        ]
        for (name, value) in values {
            try database.execute(
                sql: "INSERT INTO vault (name, value) VALUES (?, ?)", arguments: [name, value])
        }
        try database.execute(
            sql: "INSERT INTO token_keys (key_id, wrapped_key) VALUES (1, ?)",
            arguments: [header.wrappedTokenKey])
    }

    // MARK: - Use

    func read<Value>(_ body: (Database) throws -> Value) throws(VaultError) -> Value {
        try VaultStore.translatingErrors(path: path) { try queue.read(body) }
    }

    /// One transaction, on disk when this returns.
    func write<Value>(_ body: (Database) throws -> Value) throws(VaultError) -> Value {
        try VaultStore.translatingErrors(path: path) { try queue.write(body) }
    }

    /// The value of a name in the header.
    func headerValue(_ name: String) throws(VaultError) -> [UInt8] {
        let value = try read { database in
            try Data.fetchOne(
                database, sql: "SELECT value FROM vault WHERE name = ?", arguments: [name])
        }
        guard let value else { throw damaged("'\(name)' is missing") }
        return Array(value)
    }

    func damaged(_ detail: String) -> VaultError {
        VaultStore.damaged(path ?? "the vault in memory", detail)
    }

    private static func damaged(_ path: String, _ detail: String) -> VaultError {
        VaultError(
            .damaged, "\(path) is damaged (\(detail)); restore it from a backup taken with the log",
            file: path)
    }

    private static func translatingErrors<Value>(
        path: String?, _ body: () throws -> Value
    ) throws(VaultError) -> Value {
        let place = path ?? "the vault in memory"
        do {
            return try body()
        } catch let error as VaultError {
            throw error
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                throw damaged(place, error.message ?? "SQLite: \(error.resultCode)")
            case .SQLITE_READONLY:
                throw VaultError(
                    .readOnly, "\(place) is open for reading only; open the log for writing",
                    file: path)
            default:
                throw VaultError(
                    .io,
                    "\(place): \(error.message ?? "SQLite error") (\(error.resultCode)); "
                        + "check owner, permissions and free space", file: path)
            }
        } catch {
            throw VaultError(.io, "\(place): \(error)", file: path)
        }
    }
}
