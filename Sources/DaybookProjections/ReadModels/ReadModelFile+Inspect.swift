internal import DaybookCore
internal import GRDB

extension ReadModelFile {
    /// Judges a file before it is used: is it there, sound, ours, of this log, and not ahead of it?
    ///
    /// Runs SQLite's `quick_check`, so it reads the whole file once. Changes nothing, except that
    /// SQLite may fold a write-ahead log that a killed process left behind.
    ///
    /// - Parameter checksPages: `false` leaves out the check that reads the whole file.
    ///
    /// Source: LOG.md, faults 54 to 57.
    package static func inspect(
        _ name: ReadModelName, at path: String, against log: LogIdentity, checksPages: Bool = true
    ) -> ReadModelCondition {
        guard FileSystem.identity(of: path) != nil else { return .missing }
        do {
            var configuration = Configuration.readModel
            configuration.busyMode = .timeout(5)
            let header = try ReadModelError.translating(path: path) {
                let queue =
                    FileSystem.folderIsWritable(of: path)
                    ? try DatabaseQueue(path: path, configuration: configuration)
                    : try Sources.connectReadOnly(path)
                return try queue.read {
                    try soundHeader(in: $0, name, path: path, checksPages: checksPages)
                }
            }
            return log.condition(of: header.checkpoint)
        } catch {
            return condition(after: error)
        }
    }

    /// Judges an open file in the same way; somebody else may have written since it was opened.
    ///
    /// - Parameter checksPages: `false` leaves out the check that reads the whole file.
    package func judge(
        against log: LogIdentity, checksPages: Bool = true
    ) -> ReadModelCondition {
        do {
            try refresh {
                try ReadModelFile.soundHeader(
                    in: $0, name, path: path, mayLackIndexes: mode == .rebuild,
                    checksPages: checksPages)
            }
            return log.condition(of: checkpoint)
        } catch {
            return ReadModelFile.condition(after: error)
        }
    }

    private static func soundHeader(
        in database: Database, _ name: ReadModelName, path: String, mayLackIndexes: Bool = false,
        checksPages: Bool = true
    ) throws -> ReadModelHeader {
        let header = try ReadModelHeader.read(
            from: database, name, path: path, mayLackIndexes: mayLackIndexes)
        if checksPages { try requireSoundPages(in: database, path: path) }
        return header
    }

    /// - Complexity: O(bytes of the file).
    static func requireSoundPages(in database: Database, path: String) throws {
        let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
        guard findings == ["ok"] else {
            throw ReadModelError(
                code: .damaged, message: findings.joined(separator: "; "), path: path)
        }
    }

    /// How many bytes there are to look at, what is in the write-ahead log included.
    package var byteCount: UInt64 {
        let real = ReadModelPlace(path).realPath
        return FileSystem.byteCount(of: real) + FileSystem.byteCount(of: real + "-wal")
    }

    static func condition(after error: any Error) -> ReadModelCondition {
        if let error = error as? ReadModelError, error.code == .otherSchema {
            return .otherSchema(reason: error.message)
        }
        if let error = error as? ReadModelError, error.isTransient {
            return .unavailable(reason: error.message)
        }
        return .damaged(reason: "\(error)")
    }

    /// Sets a file aside under the first free name `<path>.<word>-N`, with its write-ahead log.
    ///
    /// - Returns: the new name.
    package static func quarantine(at path: String, as word: String = "damaged") throws -> String {
        var number = 1
        while FileSystem.exists("\(path).\(word)-\(number)") { number += 1 }
        let aside = "\(path).\(word)-\(number)"
        let real = ReadModelPlace(path).realPath
        for suffix in ["", "-wal", "-shm"] where FileSystem.exists(real + suffix) {
            try FileSystem.rename(real + suffix, to: aside + suffix)
        }
        if real != path { try FileSystem.remove(path) }
        try ReadModelSuspicion(of: path).giveUp()
        try FileSystem.syncFolder(of: path)
        return aside
    }
}
