import DaybookCore
import DaybookDecisions
import Foundation
import GRDB
import Testing

@testable import DaybookProjections

/// When the write-ahead log of a live read model is folded in and cut back.
@Suite(.timeLimit(.minutes(1))) struct `Write-ahead log` {
    /// A database with its log, and a table that takes a page a row.
    private struct Bench {
        let folder = TestFolder()
        let path: String
        let queue: DatabaseQueue

        init() throws {
            path = folder.path + "/pages.sqlite"
            var configuration = Configuration()
            configuration.journalMode = .wal
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: WriteAheadLog.firstSettings)
                try database.execute(sql: "CREATE TABLE pages (content BLOB)")
            }
        }

        var logByteCount: Int { Int(FileSystem.byteCount(of: path + "-wal")) }

        func write(_ pageCount: Int, _ log: inout WriteAheadLog) throws {
            try queue.writeWithoutTransaction { database in
                try log.configure(database)
                try database.inTransaction {
                    for _ in 0..<pageCount {
                        try database.execute(sql: "INSERT INTO pages VALUES (randomblob(3000))")
                    }
                    return .commit
                }
            }
            log.hasCommitted = true
        }

        /// As somebody sees it who has not the log.
        func rowsInFile() throws -> Int? {
            let alone = try Sources.connectUnchanging(path)
            return try alone.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM pages") }
        }

        func setting(_ name: String) throws -> Int? {
            try queue.read { try Int.fetchOne($0, sql: "PRAGMA \(name)") }
        }
    }

    @Test
    func `given a new connection, when it writes, then it folds from the second transaction on`()
        throws
    {
        let bench = try Bench()
        var log = WriteAheadLog(of: bench.path)
        try bench.write(1, &log)
        #expect(try bench.setting("wal_autocheckpoint") == 0)
        try bench.write(1, &log)
        #expect(try bench.setting("wal_autocheckpoint") == WriteAheadLog.foldedPageCount)
    }

    @Test func `given a log that is left to another, when written, then nothing is folded in`()
        throws
    {
        let bench = try Bench()
        var log = WriteAheadLog(of: bench.path)
        try bench.write(1, &log)
        try bench.write(1, &log)
        log.isLeftToOther = true
        try bench.write(1, &log)
        #expect(try bench.setting("wal_autocheckpoint") == 0)
        log.isLeftToOther = false
        try bench.write(1, &log)
        #expect(try bench.setting("wal_autocheckpoint") == WriteAheadLog.foldedPageCount)
    }

    @Test
    func
        `given a long log, when it begins anew, then it loses a step each time, until it is short`()
        throws
    {
        let bench = try Bench()
        let step = 1 << 20
        var log = WriteAheadLog(of: bench.path, keptByteCount: step)
        try bench.write(800, &log)
        let longest = bench.logByteCount
        #expect(longest > 3 * step)
        var byteCounts = [longest]
        for _ in 0..<4 {
            try bench.queue.foldLog(leavingAtMost: 0)
            try bench.write(1, &log)
            byteCounts.append(bench.logByteCount)
        }
        #expect(byteCounts == [longest, longest - step, longest - 2 * step, step, step])
    }

    @Test func `given a log, when folded in, then the file alone has everything`() throws {
        let bench = try Bench()
        var log = WriteAheadLog(of: bench.path)
        try bench.write(50, &log)
        #expect(throws: DatabaseError.self) { try bench.rowsInFile() }
        try Sources.connectExisting(bench.path).foldLog(leavingAtMost: 0)
        #expect(try bench.rowsInFile() == 50)
    }

    @Test
    func
        `given somebody who reads an older moment, when folded, then it ends there, and goes on later`()
        throws
    {
        let bench = try Bench()
        var log = WriteAheadLog(of: bench.path)
        try bench.write(5, &log)
        let reader = try DatabasePool(path: bench.path).makeSnapshot()
        try bench.write(50, &log)
        try Sources.connectExisting(bench.path).foldLog(leavingAtMost: 0)
        // Of each page the newest frame counts, and those lie behind the moment.
        #expect(throws: DatabaseError.self) { try bench.rowsInFile() }
        try reader.close()
        try Sources.connectExisting(bench.path).foldLog(leavingAtMost: 0)
        #expect(try bench.rowsInFile() == 55)
    }
}
