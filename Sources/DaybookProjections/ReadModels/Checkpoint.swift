package import DaybookCore

/// How far a projector has come: everything up to `position` is in the rows, nothing beyond it.
package struct Checkpoint: Hashable, Sendable {
    /// The log that the rows were projected from.
    package var logID: LogID
    /// The last position of the last applied batch; `.start` before the first.
    package var position: LogPosition
    /// The number of the last applied batch; 0 before the first.
    package var batchNumber: UInt64
    /// The hash of the frame at `position`; zero before the first.
    package var chain: Digest

    package init(logID: LogID, position: LogPosition, batchNumber: UInt64, chain: Digest) {
        self.logID = logID
        self.position = position
        self.batchNumber = batchNumber
        self.chain = chain
    }

    /// The checkpoint before the first event of a log.
    package static func start(of logID: LogID) -> Checkpoint {
        Checkpoint(logID: logID, position: .start, batchNumber: 0, chain: .zero)
    }
}
