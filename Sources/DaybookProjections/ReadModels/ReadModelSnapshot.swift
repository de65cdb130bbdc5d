internal import GRDB

/// One moment of a read model's file, whatever is projected into it meanwhile; read-only.
package final class ReadModelSnapshot: Sendable {
    package let name: ReadModelName
    package let path: String
    package let checkpoint: Checkpoint
    package let stop: ProjectionStop?
    let reader: any DatabaseReader
    /// The file itself: the name may mean another one later.
    private let identity: FileIdentity
    private let realPath: String

    /// Whether the name means another file by now: a rebuild has put one there.
    package var wasExchanged: Bool {
        let now = FileSystem.identity(of: path)
        return now != nil && now != identity
    }

    /// Opens a file as it is now.
    ///
    /// - Parameter isStill: nobody writes to the file any more, as to a kept copy. It is then read without
    ///   locks, and may be removed while it is open.
    /// - Throws: ``ReadModelError`` `.io`, `.damaged`, `.otherSchema`, `.busy`.
    package init(of name: ReadModelName, at path: String, isStill: Bool = false) throws {
        guard let identity = FileSystem.identity(of: path) else {
            throw ReadModelError(code: .io, message: "there is no such file", path: path)
        }
        self.identity = identity
        self.name = name
        self.path = path
        let real = ReadModelPlace(path).realPath
        realPath = real
        (reader, checkpoint, stop) = try ReadModelError.translating(path: path) {
            let reader = try ReadModelSnapshot.open(real, isStill: isStill)
            let header = try reader.read {
                try ReadModelHeader.read(from: $0, name, path: path, mayLackIndexes: true)
            }
            return (reader, header.checkpoint, header.stop)
        }
    }

    private static func open(_ real: String, isStill: Bool) throws -> any DatabaseReader {
        if isStill { return try Sources.connectUnchanging(real) }
        guard FileSystem.folderIsWritable(of: real) else {
            return try Sources.connectReadOnly(real)
        }
        // Never by reading the file's own bytes first: closing any descriptor of a file drops the locks
        // that this process has on it, also those of SQLite's other connections.
        var configuration = Configuration.readModel
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabasePool(path: real, configuration: configuration).makeSnapshot()
    }

    /// Copies this moment to a new file.
    ///
    /// - Parameter isWanted: asked first and every 16 MiB; once it says no, the copy is given up.
    /// - Throws: `CancellationError` when it was given up.
    package func copy(
        to destination: String, while isWanted: @escaping () -> Bool = { true }
    ) throws {
        try ReadModelError.translating(path: destination) {
            try reader.copyAlone(to: destination, while: isWanted)
        }
    }

    /// Whether the disk has room for so many more files as large as this one.
    package func hasRoom(forCopies count: UInt64) -> Bool {
        FileSystem.freeByteCount(besides: realPath) / count > FileSystem.byteCount(of: realPath)
    }

    /// Ends this moment; nothing can be read here any more.
    ///
    /// While a moment is read, the write-ahead log cannot begin anew. What has gathered behind a long one is folded
    /// into the file from here, beside whoever projects: in one go, behind the next run, it would hold that up
    /// for as long as it takes.
    package func end(foldingLogBeyond byteCount: Int = WriteAheadLog.keptByteCount) throws {
        try ReadModelError.translating(path: path) {
            guard FileSystem.byteCount(of: realPath + "-wal") > byteCount, !wasExchanged else {
                return try reader.close()
            }
            // Opened first: whoever writes without having left its log could fold it in between the two.
            let connection = try Sources.connectExisting(realPath)
            try reader.close()
            try connection.foldLog(leavingAtMost: WriteAheadLog.foldedPageCount)
            try connection.close()
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try ReadModelError.translating(path: path) { try reader.read(body) }
    }
}

extension DatabaseReader {
    /// Copies what is read here to a new file that needs no write-ahead log beside it.
    func copyAlone(to path: String, while isWanted: @escaping () -> Bool = { true }) throws {
        guard isWanted() else { throw CancellationError() }
        var configuration = Configuration.readModel
        // Whoever uses a copy checks it first; nothing waits for the disk.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        let copy = try DatabaseQueue(path: path, configuration: configuration)
        try backup(to: copy, pagesPerStep: 4_096) { _ in
            if !isWanted() { throw CancellationError() }
            // Not for the copy's sake: a file system that writes a gigabyte of it at some moment of its own
            // keeps everybody else's syncs waiting for as long. Nobody else has locks on the file.
            try FileSystem.sync(path)
        }
        try copy.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try copy.close()
    }
}
