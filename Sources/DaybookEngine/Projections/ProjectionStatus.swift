package import DaybookCore
package import DaybookLog
package import DaybookProjections

/// How one read model stands against its log.
package struct ProjectionStatus: Hashable, Sendable {
    package var name: ReadModelName
    package var path: String
    package var condition: ReadModelCondition
    /// The log's last position.
    package var head: LogPosition
    /// Events that are in the log and not in the rows; `nil` when the file cannot be used.
    package var lag: UInt64?
    /// Microseconds since the oldest event that is in the log and not in the rows was recorded; 0 when
    /// there is none.
    package var lagMicroseconds: Int64?
    /// Why it stands still, if it does.
    package var stop: ProjectionStop?
    /// Copies at earlier positions, from which questions about the past are answered.
    package var keptPositions: [LogPosition] = []
    package var keptByteCount: UInt64 = 0
    /// Files that were live before a rebuild.
    package var earlierFiles: [String] = []
    package var earlierByteCount: UInt64 = 0
    /// What is set aside because it could not be taken, or waits behind such an event.
    package var parked = ParkedCount()

    /// The status of all models of a store; changes nothing.
    ///
    /// - Parameter now: what lags are measured against.
    package static func all(
        of directory: String, log: LogReader, now: Instant
    ) -> [ProjectionStatus] {
        let store = StoreDirectory(path: directory)
        return ReadModelName.allCases.map { name in
            let path = store.path(of: name)
            var condition = ReadModelFile.inspect(name, at: path, against: log.identity)
            if case .ahead(let checkpoint, _) = condition {
                // A writer at work goes on between the two looks, and would between two more: so what was
                // seen is held against a later look at the log.
                try? log.refresh()
                condition = log.identity.condition(of: checkpoint)
            }
            var status = ProjectionStatus(
                name: name, path: path, condition: condition, head: log.head.position, lag: nil,
                stop: nil)
            if case .ready(let checkpoint) = condition {
                status.lag = log.head.position.rawValue - checkpoint.position.rawValue
                status.lagMicroseconds = lag(behind: checkpoint.position, in: log, now)
                status.read(name, at: path)
            }
            // What cannot be listed is not there to be told of.
            let files = CheckpointFiles(
                name, besides: store.readModels)
            status.keptPositions = (try? files.kept().map(\.position)) ?? []
            status.keptByteCount = (try? files.byteCount()) ?? 0
            let earlier = (try? ReadModelPlace(path).earlier()) ?? []
            status.earlierFiles = earlier.map(\.path)
            status.earlierByteCount = earlier.reduce(0) { $0 + $1.byteCount }
            return status
        }
    }

    private static func lag(
        behind position: LogPosition, in log: LogReader, _ now: Instant
    ) -> Int64? {
        guard position < log.head.position else { return 0 }
        guard let next = try? log.batch(containing: position.advanced(by: 1)) else { return nil }
        return max(0, now.microseconds - next.metadata.recordedAt.microseconds)
    }

    /// Unreadable between two looks means that the next status will say so.
    private mutating func read(_ name: ReadModelName, at path: String) {
        guard let file = try? ReadModelFile.open(name, at: path) else { return }
        defer { try? file.close() }
        stop = file.stop
        parked = (try? file.parkedCount()) ?? ParkedCount()
    }
}
