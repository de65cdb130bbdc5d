package import DaybookCore
package import DaybookDecisions
package import DaybookLog

/// What a proof needs to see of an open store, and nobody else.
extension Daybook {
    /// The log, as far as it is durable.
    package var log: LogReader { reader }

    /// Where the snapshot stood that the state was folded from; `.start` without one.
    package var foldedFrom: LogPosition { start.snapshotPosition }

    /// Whether a snapshot is being written at this moment.
    package var isWritingSnapshot: Bool { snapshots.isWriting }

    /// What every read model holds.
    package var projectedPosition: LogPosition { projections.position }

    /// Every call and mail without an outcome, in log order; empty when the writer has ended.
    package func workToDo() async -> [PendingIntent] {
        await writer.inspect { $0.shop.pendingIntents } ?? []
    }

    /// What the decisions rest on: products and their stock.
    package func catalogue() async -> [ProductState] {
        await writer.inspect { Array($0.shop.catalogue.products) } ?? []
    }

    /// Whether the state in memory is what the log gives when it is folded from its beginning.
    ///
    /// - Returns: `nil` when something is staged that is not durable, or the writer has ended.
    package func isStateEqualToFold() async throws -> Bool? {
        let now = await writer.inspect { (state: $0.state, position: $0.writer.stagedHead) }
        guard let now, now.position == reader.head.position else { return nil }
        var state = EngineState.initialForComparison
        try reader.forEachBatch(from: .start, through: nil) { batch in
            try state.evolve(with: try FactBatch(batch, reader.upcasters), reader: reader)
            return true
        }
        guard state == now.state else { return false }
        var keys = now.state.keys
        while true {
            do throws(KeyRunDefect) {
                return try keys.measuredTally() == state.keys.tally
            } catch {
                // As for whoever asks for a key in it: they come back from the log. Ends: there is a run less.
                guard let found = try await keysBroughtBack(from: error.after),
                    found.position == now.position
                else { return nil }
                keys = found.keys
            }
        }
    }

    private func keysBroughtBack(
        from after: LogPosition
    ) async throws(DaybookError) -> (keys: IdempotencyTable, position: LogPosition)? {
        let result = await writer.inspect { core in
            Result { () throws(DaybookError) in
                try core.bringBackKeys(from: after)
                return (keys: core.keys, position: core.writer.stagedHead)
            }
        }
        return try result?.get()
    }

    /// Folds the log again, checks every invariant, compares snapshot and read models.
    ///
    /// - Parameter scratch: where a folder for rebuilt models is made for the time of it.
    package func replay(scratch: String) throws(DaybookError) -> Replay.Report {
        try Replay.run(
            reader, in: configuration.store, snapshots: configuration.snapshotFile,
            scratch: scratch, isParallel: configuration.host.isParallel, progress: { _ in true })
    }
}
