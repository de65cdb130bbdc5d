package import DaybookCore
import DaybookDecisions
package import DaybookProjections

/// Events that a read model could not take: tried again, or left out on the record.
extension Daybook {
    /// Tries again what a read model has parked: all of it, or what is parked of one event's subjects.
    ///
    /// - Returns: how much went into the rows, and what is still parked of the subjects tried.
    /// - Throws: ``DaybookError`` `not_found` when nothing is parked at the position.
    package func retryParked(
        of name: ReadModelName, at position: LogPosition? = nil
    ) async throws(DaybookError) -> RetryResult {
        guard let result = try await projections.retryParked(of: name, at: position) else {
            throw notParked(name, position ?? .start)
        }
        return result
    }

    /// Lets a read model go on without an event that it could not take.
    ///
    /// The decision is an event of its own, with the reason and who took it, so that every rebuild
    /// leaves the same out. What waited behind the event goes into the rows, up to the next that cannot.
    ///
    /// - Returns: the position of the recorded decision, when the read model has followed it.
    /// - Throws: ``DaybookError`` `not_found` unless the event is parked with an error there;
    ///   `validation_failed` without a reason.
    package func skipParked(
        of name: ReadModelName, at position: LogPosition, reason: String, as actor: Actor
    ) async throws(DaybookError) -> LogPosition {
        try await waitForProjections()
        let isRefused = try parkedEvents(of: name).contains {
            $0.fact.position == position && $0.reason != nil
        }
        guard isRefused else { throw notParked(name, position) }
        let result = try await execute(
            .skipProjectionEvent(
                SkipProjectionEvent(model: name.rawValue, position: position, reason: reason)),
            as: actor)
        guard let recorded = result.positions?.upperBound else {
            throw DaybookError(.closed, "the skip of position \(position) recorded nothing")
        }
        try await projections.wait(for: recorded)
        return recorded
    }

    /// What a read model has parked, by position.
    package func parkedEvents(of name: ReadModelName) throws(DaybookError) -> [ParkedEvent] {
        do {
            let path = configuration.store.path(of: name)
            let file = try ReadModelFile.open(name, at: path)
            let events = try file.parkedEvents()
            try file.close()
            return events
        } catch {
            throw DaybookError(readModel: error)
        }
    }

    private func notParked(_ name: ReadModelName, _ position: LogPosition) -> DaybookError {
        DaybookError(
            .notFound,
            "the read model \(name) has no event parked with an error at position \(position); "
                + "`daybook projection parked \(name)` lists them")
    }
}
