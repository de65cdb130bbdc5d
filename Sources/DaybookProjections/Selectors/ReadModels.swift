public import DaybookCore

/// Answers questions from the read models, read-only, beside any number of writers and readers.
///
/// Every answer comes from one snapshot of one file and names the position that it is true at. With
/// `atLeast`, a selector waits, bounded, until the model has come that far. When a rebuilt file
/// takes the place of the one being read, the next question is answered from the new one. With `asOf`, a
/// selector answers as it would have answered at that moment; it waits for nothing.
public final class ReadModels: Sendable {
    /// The folder with the files.
    public let directory: String
    private let patience: Duration
    private let signal: any PositionSignal
    private let past: (any PastReadModels)?
    let sources: Sources

    /// Opens nothing yet: each file is opened by the first question to it.
    ///
    /// - Parameters:
    ///   - directory: where `inventory.sqlite`, `orders.sqlite` and `users.sqlite` are.
    ///   - signal: who tells of progress; without one the checkpoints are polled.
    ///   - patience: how long a question with `atLeast` waits.
    ///   - pause: suspends for a duration; used by the polling only.
    public convenience init(
        directory: String, signal: (any PositionSignal)? = nil, patience: Duration = .seconds(5),
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.init(
            directory: directory, past: nil, signal: signal, patience: patience, pause: pause)
    }

    /// - Parameters:
    ///   - logID: of the log that the files must be projected from; `nil`: any.
    ///   - past: answers what is asked as of an earlier moment; `nil`: nobody does.
    package init(
        directory: String, logID: LogID? = nil, past: (any PastReadModels)?,
        signal: (any PositionSignal)? = nil,
        patience: Duration = .seconds(5),
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.past = past
        let sources = Sources(directory: directory, logID: logID)
        self.directory = directory
        self.patience = patience
        self.sources = sources
        self.signal =
            signal
            ?? CheckpointPolling(
                position: { model in try? sources.read(model) { try $0.position() } },
                pause: pause)
    }

    /// How many SQL statements were executed for answers so far; a test's measure for S-108, S-116.
    package var statementCount: Int { sources.statementCount }

    /// Closes the files; a later question opens them again.
    public func close() { sources.close() }

    /// How far a read model is.
    ///
    /// - Throws: `read_model_unavailable`.
    public func position(of model: ReadModelName) throws(SelectorError) -> LogPosition {
        try sources.read(model) { try $0.position() }
    }

    /// Answers a question from one snapshot, once the model is at the wanted position.
    func answer<Value: Sendable>(
        from model: ReadModelName, atLeast wanted: LogPosition?, asOf moment: Moment?,
        _ body: (Snapshot) throws -> Value
    ) async throws(SelectorError) -> Answer<Value> {
        try await wholeAnswer(from: model, atLeast: wanted, asOf: moment) { snapshot in
            let position = try snapshot.position()
            return Answer(value: try body(snapshot), position: position)
        }
    }

    /// The same for questions that read their position with their rows, in one statement.
    func wholeAnswer<Value: Sendable>(
        from model: ReadModelName, atLeast wanted: LogPosition?, asOf moment: Moment?,
        _ body: (Snapshot) throws -> Answer<Value>
    ) async throws(SelectorError) -> Answer<Value> {
        if let moment { return try pastAnswer(from: model, asOf: moment, body) }
        guard let wanted else { return try sources.read(model, body) }
        if try position(of: model) < wanted {
            await signal.wait(for: model, toReach: wanted, atMost: patience)
        }
        return try sources.read(model) { snapshot in
            let reached = try snapshot.position()
            guard reached >= wanted else {
                throw SelectorError.notYet(model, wanted: wanted, reached: reached)
            }
            return try body(snapshot)
        }
    }

    private func pastAnswer<Value: Sendable>(
        from model: ReadModelName, asOf moment: Moment, _ body: (Snapshot) throws -> Answer<Value>
    ) throws(SelectorError) -> Answer<Value> {
        guard let past else {
            throw SelectorError(
                code: .unavailable,
                message: "these read models were opened without their log, so they know no past")
        }
        let source = try past.snapshot(of: model, asOf: moment)
        return try sources.read(model, in: source, body)
    }
}
