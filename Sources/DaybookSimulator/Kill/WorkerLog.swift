internal import DaybookCore
internal import DaybookEngine
package import DaybookLog
internal import Glibc

/// How the worker processes lay out and open their logs.
package struct WorkerLog: Sendable {
    package var directory: String
    package var options: EventLogOptions

    package init(
        directory: String, firstSegmentByteCount: Int = 16 << 10, segmentByteCount: Int = 64 << 10,
        durability: EventLogOptions.Durability = .lazy
    ) {
        self.directory = directory
        options = EventLogOptions()
        options.firstSegmentByteCount = firstSegmentByteCount
        options.segmentByteCount = max(firstSegmentByteCount, segmentByteCount)
        options.durability = durability
    }

    /// Opens the log, or creates it where there is none yet.
    ///
    /// A process that was about to start another one when it was killed leaves a copy of its
    /// descriptors, and so of its lock, in the child until that has begun its program: milliseconds,
    /// for which this waits. A lock that stays is an error.
    package func open() throws(EventLogError) -> EventLog {
        let deadline = WallClock.microseconds() + 1_000_000
        while true {
            do throws(EventLogError) {
                return try openOnce()
            } catch {
                guard error.code == .locked, WallClock.microseconds() < deadline else {
                    throw error
                }
                poll(nil, 0, 1)
            }
        }
    }

    private func openOnce() throws(EventLogError) -> EventLog {
        do throws(EventLogError) {
            return try EventLog.open(
                directory: directory, options: options, hash: .sha256, clock: WallClock.now)
        } catch {
            guard isMissing(error) else { throw error }
            let salt = (0..<Digest.byteCount).map { _ in UInt8.random(in: 0...255) }
            return try EventLog.create(
                directory: directory, options: options, hash: .sha256, clock: WallClock.now,
                id: LogID(rawValue: UInt128.random(in: 0...UInt128.max)),
                salt: Digest(salt) ?? .zero)
        }
    }

    /// No log, or one whose creation was interrupted before its first segment had its name.
    private func isMissing(_ error: EventLogError) -> Bool {
        if error.code == .notFound { return true }
        guard let storage = try? FileStorage(path: directory, readOnly: true),
            let exists = try? LogDirectory.exists(in: storage)
        else { return false }
        return error.code != .locked && !exists
    }
}
