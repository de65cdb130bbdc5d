import CSQLite
import DaybookEngine
import Foundation
import GRDB
import Testing

@Suite(.timeLimit(.minutes(1))) struct `SQLite's count of its memory` {
    @Test func `given a program that stops it first, when SQLite is used, then nothing is counted`()
        async throws
    {
        await #expect(processExitsWith: .exitCode(0)) {
            SQLiteMemory.stopCounting()
            let queue = try DatabaseQueue()
            try await queue.write { try $0.execute(sql: "CREATE TABLE pages (content BLOB)") }
            exit(sqlite3_memory_used() == 0 ? 0 : 1)
        }
    }

    @Test func `given SQLite in use, when it is to stop, then it goes on as it was`() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            let queue = try DatabaseQueue()
            SQLiteMemory.stopCounting()
            try await queue.write { try $0.execute(sql: "CREATE TABLE pages (content BLOB)") }
            exit(sqlite3_memory_used() > 0 ? 0 : 1)
        }
    }
}
