package import DaybookCore
package import DaybookDecisions

/// Turns recorded facts into the rows of one read model.
///
/// A projector belongs to one thread. Between two runs it remembers nothing that the file does not
/// hold, so a failed run can simply be given again.
package protocol Projector: AnyObject {
    /// The file that it writes.
    var file: ReadModelFile { get }

    /// The event types whose meaning these rows depend on.
    ///
    /// When the log holds one of them in a schema version that this program cannot read, or a type
    /// that nobody knows, the caller must not leave it out: it records ``ReadModelFile/stop(_:)``
    /// and delivers nothing from that batch on. Other types may be left out of a batch's facts,
    /// but every batch must be delivered, if need be with no facts.
    static var consumedTypes: Set<EventType> { get }

    /// Projects a run of batches, adjacent and in log order, and moves the checkpoint, in one
    /// transaction. Batches at or before the stored checkpoint are skipped.
    ///
    /// The run is folded in memory first, so that each row is written once in its final form. An event
    /// that cannot be right is parked with its error, and whatever follows about the same subject is
    /// parked behind it (``ReadModelFile/parkedEvents()``); all else goes on.
    ///
    /// - Parameter checkpoint: the place behind the last batch of the run.
    /// - Throws: ``ProjectionError`` when more is parked than ``ReadModelFile/parkedLimit``: nothing of
    ///   the run is applied. ``ReadModelError`` for the file: `.isTransient` means try again.
    func project(_ run: [FactBatch], checkpoint: Checkpoint) throws

    /// Tries again what is parked, in order: all of it, or what is parked of one event's subjects.
    ///
    /// - Returns: `nil` when nothing is parked at the position.
    /// - Throws: ``ReadModelError``; then everything is as before.
    func retryParked(at position: LogPosition?) throws -> RetryResult?

    /// Writes what a rebuild keeps back until its end.
    func flush() throws

    /// Ends the work on the file: statements first, then the connection.
    func close() throws
}

extension Projector {
    /// Whether rows of this model depend on events of the type.
    package static func consumes(_ type: EventType) -> Bool { consumedTypes.contains(type) }

    package func flush() throws {}
}

/// An event contradicts what was projected before it; rows and checkpoint are as before the run.
package struct ProjectionError: Error, Hashable, CustomStringConvertible {
    package var model: ReadModelName
    package var position: LogPosition
    package var type: EventType
    package var reason: String

    package init(model: ReadModelName, position: LogPosition, type: EventType, reason: String) {
        self.model = model
        self.position = position
        self.type = type
        self.reason = reason
    }

    package var description: String {
        "\(model): \(type) at position \(position) cannot be projected: \(reason)"
    }

    /// What to record when the projection stops here.
    package var stop: ProjectionStop {
        ProjectionStop(position: position, reason: "\(type): \(reason)")
    }
}

extension ReadModelFile {
    /// What of a run is new to this file.
    ///
    /// - Throws: ``ReadModelError`` `.misuse` when batches are missing between the stored
    ///   checkpoint and the run, inside the run, or between the run and the new checkpoint.
    func unapplied(
        of run: [FactBatch], upTo newCheckpoint: Checkpoint
    ) throws -> ArraySlice<FactBatch> {
        guard newCheckpoint.logID == checkpoint.logID else {
            throw misuse("a run of \(newCheckpoint.logID) was given to \(checkpoint.logID)")
        }
        let isAgain =
            Mutant.lastBatchTwice.isPlanted && run.first?.number == checkpoint.batchNumber
        var expected = checkpoint.batchNumber - (isAgain ? 1 : 0)
        let fresh = run.drop { [expected] in $0.number <= expected }
        for batch in fresh {
            expected += 1
            guard batch.number == expected else {
                throw misuse("batch \(expected) is missing before batch \(batch.number)")
            }
        }
        guard fresh.isEmpty || newCheckpoint.batchNumber == expected else {
            throw misuse("the run ends at batch \(expected), not \(newCheckpoint.batchNumber)")
        }
        return fresh
    }

    /// What a projector says that was closed.
    var isClosed: ReadModelError { misuse("the projector is closed") }

    private func misuse(_ message: String) -> ReadModelError {
        ReadModelError(code: .misuse, message: message, path: path)
    }
}

extension ParkingProjection {
    convenience init(_ file: ReadModelFile) throws {
        let store = try file.withDatabase { try ParkedStore($0, path: file.path) }
        try self.init(file.name, store, limit: file.parkedLimit)
    }
}
