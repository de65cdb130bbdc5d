internal import GRDB
internal import Glibc
internal import Synchronization

/// Connections to one file; each question has one for itself, so that none waits for another.
///
/// There are as many connections as there are questions at once, which is as many as threads that ask;
/// one for each core is kept open, four at least.
final class ReaderPool: Sendable {
    private let idle: Mutex<[ReaderConnection]>
    private let connect: @Sendable () throws -> DatabaseQueue
    private static let keptCount = max(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Opens the first connection.
    init(_ connect: @escaping @Sendable () throws -> DatabaseQueue) throws {
        self.connect = connect
        idle = Mutex([try ReaderConnection(connect())])
    }

    /// Runs `body` in one snapshot of the file.
    func read<Value>(_ body: (Database, PreparedStatements) throws -> Value) throws -> Value {
        // The one used last: its pages are the freshest.
        let connection =
            try idle.withLock { $0.popLast() } ?? ReaderConnection(connect())
        defer {
            idle.withLock { idle in
                if idle.count < ReaderPool.keptCount { idle.append(connection) }
            }
        }
        return try connection.read(body)
    }
}
