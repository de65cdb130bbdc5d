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
    /// Why it stands still, if it does.
    package var stop: ProjectionStop?
    /// What is set aside because it could not be taken, or waits behind such an event.
    package var parked = ParkedCount()

    /// The status of all models of a store; changes nothing.
    package static func all(
        of directory: String, log: LogReader
    ) -> [ProjectionStatus] {
        let store = StoreDirectory(path: directory)
        return ReadModelName.allCases.map { name in
            let path = store.path(of: name)
            var condition = ReadModelFile.inspect(name, at: path, against: log.identity)
            if case .ahead = condition {
                // A writer at work may have gone on between the two looks; a third one tells.
                try? log.refresh()
                condition = ReadModelFile.inspect(name, at: path, against: log.identity)
            }
            var status = ProjectionStatus(
                name: name, path: path, condition: condition, head: log.head.position, lag: nil,
                stop: nil)
            if case .ready(let checkpoint) = condition {
                status.lag = log.head.position.rawValue - checkpoint.position.rawValue
                status.read(name, at: path)
            }
            return status
        }
    }

    /// Unreadable between two looks means that the next status will say so.
    private mutating func read(_ name: ReadModelName, at path: String) {
        guard let file = try? ReadModelFile.open(name, at: path) else { return }
        defer { try? file.close() }
        stop = file.stop
        parked = (try? file.parkedCount()) ?? ParkedCount()
    }
}
