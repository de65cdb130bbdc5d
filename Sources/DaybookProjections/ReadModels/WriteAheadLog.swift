internal import GRDB
internal import GRDBSQLite

/// When the write-ahead log of a live read model is folded into the file and cut back, by the connection that
/// writes; kept by ``ReadModelFile``.
package struct WriteAheadLog {
    /// With so many pages in the log a transaction folds them in. Many: a page that changes in many runs is
    /// folded in once.
    static let foldedPageCount = 8_000
    /// The log is cut back to this when it begins anew; from more it loses as much each time.
    package static let keptByteCount = 64 << 20
    /// What a connection begins with. What a killed process left in the log is folded in behind the second
    /// transaction: a start waits for the first.
    static let firstSettings =
        "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = \(keptByteCount)"

    private let path: String
    private var pageCount = 0
    private let kept: Int
    private var byteCount: Int
    /// Whether the connection has committed something.
    var hasCommitted = false
    /// Whether somebody else folds it in.
    var isLeftToOther = false

    /// - Parameter file: the file itself, not a link to it.
    init(of file: String, keptByteCount: Int = WriteAheadLog.keptByteCount) {
        path = file + "-wal"
        kept = keptByteCount
        // As the first settings say.
        byteCount = WriteAheadLog.keptByteCount
    }

    /// Sets on the connection what the transaction that is about to begin does with the log.
    mutating func configure(_ database: Database) throws {
        let pageCount = isLeftToOther || !hasCommitted ? 0 : WriteAheadLog.foldedPageCount
        if pageCount != self.pageCount {
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(pageCount)")
            self.pageCount = pageCount
        }
        // Not all at once: the file system takes half a second to cut off a gigabyte.
        let byteCount = max(kept, Int(FileSystem.byteCount(of: path)) - kept)
        if byteCount != self.byteCount {
            try database.execute(sql: "PRAGMA journal_size_limit = \(byteCount)")
            self.byteCount = byteCount
        }
    }
}

extension DatabaseQueue {
    /// Folds the write-ahead log into the file beside whoever writes, and makes what was folded durable.
    ///
    /// In up to four passes, until at most so many pages are left. Somebody who reads an older moment holds all
    /// behind it back.
    ///
    /// SQLite syncs the file behind a checkpoint only where nothing was written meanwhile. Whoever writes and
    /// folds the last pages in would then wait for all of it.
    func foldLog(leavingAtMost pageCount: Int) throws {
        try writeWithoutTransaction { database in
            // Each pass leaves what was written during it, which is much less than the one before.
            for _ in 0..<4 {
                let result = try database.checkpoint(.passive)
                try database.syncFile()
                let left = result.walFrameCount - result.checkpointedFrameCount
                guard left > pageCount else { return }
            }
        }
    }
}

extension Database {
    /// Makes durable what is in the file.
    ///
    /// By the connection's own descriptor: closing another one would drop the locks of all connections that this
    /// process has to the file.
    fileprivate func syncFile() throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        var code = sqlite3_file_control(
            sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        if code == SQLITE_OK {
            let sync = file?.pointee.pMethods?.pointee.xSync
            code = sync?(file, SQLITE_SYNC_NORMAL) ?? SQLITE_NOTFOUND
        }
        guard code == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "syncing the file")
        }
    }
}
