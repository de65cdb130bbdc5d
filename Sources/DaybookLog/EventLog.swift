public import DaybookCore
internal import Synchronization

/// The embedded append-only log: batches in, positions out, recorded events back, nothing lost.
///
/// One process writes; others may read beside it. Concurrent appends share their syncs: while one
/// group is in `fdatasync` the next one forms. Subscribers and readers see nothing that is not
/// durable.
///
/// ```swift
/// let log = try EventLog.open(directory: path, hash: sha256, clock: now)
/// let result = try await log.append(batch, when: .nothingMatches(.tag(order), after: position))
/// for try await event in try log.subscribe(.tag(order)) { … }
/// ```
public final class EventLog: EventStore {
    public let logID: LogID
    /// What opening found and did.
    public let recovery: RecoveryReport
    package let reader: LogReader
    private let storage: any Storage
    private let hash: HashFunction
    private let pipeline: AppendPipeline
    private let signal: HeadSignal

    /// Takes an opened log over.
    package init(_ opened: OpenedLog, storage: any Storage, hash: HashFunction)
        throws(EventLogError)
    {
        logID = opened.reader.logID
        recovery = opened.recovery
        reader = opened.reader
        self.storage = storage
        self.hash = hash
        signal = HeadSignal(head: opened.reader.head.position)
        pipeline = AppendPipeline(opened, signal: signal)
        try pipeline.start()
    }

    deinit {
        pipeline.beginClosing(nil)
    }

    public var head: LogPosition { reader.head.position }

    /// Totals of everything durable.
    public var statistics: LogStatistics { reader.statistics }
}

// MARK: - Opening

extension EventLog {
    /// Creates an empty log in a directory, which is made (mode 0700) unless it is there.
    ///
    /// - Parameters:
    ///   - hash: SHA-256; handed in, so that a user of the log alone chooses who computes it.
    ///   - clock: the wall clock, for the times of frames only.
    ///   - id: random, for ever the log's own.
    ///   - salt: 32 random bytes, kept secret.
    /// - Throws: `.alreadyExists`, `.locked`, `.noSpace`, `.permission`, `.io`.
    public static func create(
        directory: String, options: EventLogOptions = EventLogOptions(), hash: HashFunction,
        clock: @escaping @Sendable () -> Instant, id: LogID, salt: Digest
    ) throws(EventLogError) -> EventLog {
        let storage = try FileStorage(path: directory, creating: true)
        let opened = try LogDirectory.create(
            storage: storage, options: options, hash: hash, clock: clock, newLogID: id, salt: salt)
        return try EventLog(opened, storage: storage, hash: hash)
    }

    /// Opens an existing log for writing.
    ///
    /// - Parameter evidence: what consumers know; a log older than one of them is refused.
    /// - Throws: `.notFound`, `.locked`, `.damaged` (nothing was changed), `.newerFormat`, `.io`.
    public static func open(
        directory: String, options: EventLogOptions = EventLogOptions(), hash: HashFunction,
        clock: @escaping @Sendable () -> Instant, evidence: [RecoveryEvidence] = []
    ) throws(EventLogError) -> EventLog {
        let storage = try FileStorage(path: directory)
        let opened = try LogDirectory.open(
            storage: storage, options: options, hash: hash, clock: clock, evidence: evidence)
        return try EventLog(opened, storage: storage, hash: hash)
    }
}

// MARK: - Appending

extension EventLog {
    /// Appends a batch atomically and returns once it is durable.
    ///
    /// Either all events become readable, contiguous and in order, or none does, also across a
    /// crash. With an idempotency key in the metadata, the same actor, command and key get the
    /// first result again, for ever; the condition is then not looked at.
    ///
    /// - Parameters:
    ///   - batch: 1 or more events, at most 16 MiB encoded.
    ///   - condition: checked and appended as one step; `nil` appends unconditionally.
    /// - Returns: `.appended` with the positions, or `.conflict` with the first matching position.
    /// - Throws: ``EventLogError``: `.tooLarge`, `.invalidBatch`, `.invalidQuery`,
    ///   `.afterBeyondHead`, `.idempotencyKeyReused`, `.noSpace`, `.busy`, `.closed` (nothing was
    ///   appended), or `.poisoned`, `.io` (the outcome is unknown until the log is opened again).
    /// - Complexity: O(*n*) in encoded bytes, plus one `fdatasync` shared by concurrent callers.
    ///
    /// Format: Schemas/log/FORMAT.md, Appending. Source: DCB specification, append condition.
    public func append(_ batch: ProposedBatch, when condition: AppendCondition? = nil) async throws
        -> AppendResult
    {
        try await withCheckedThrowingContinuation { continuation in
            pipeline.submit(
                AppendPipeline.Request(
                    batch: batch, condition: condition, continuation: continuation))
        }
    }

    /// Finishes the appends that wait, writes a clean mark and gives the lock back.
    ///
    /// Subscriptions end. A second call does nothing.
    public func close() async throws {
        try await withCheckedThrowingContinuation { continuation in
            pipeline.beginClosing(continuation)
        }
    }
}

// MARK: - Reading

extension EventLog {
    /// The events that match, from `from` to `through` (both inclusive).
    ///
    /// - Throws: ``EventLogError`` `.invalidQuery`, `.damaged`, `.io`.
    /// - Complexity: O(result); the first query by tag or type scans the log once.
    public func read(
        _ query: Query, from: LogPosition? = nil, through: LogPosition? = nil,
        direction: ReadDirection = .forwards, limit: Int? = nil
    ) throws -> [RecordedEvent] {
        try reader.read(query, from: from, through: through, direction: direction, limit: limit)
    }

    /// The batch that holds a position; `nil` beyond the head.
    public func batch(containing position: LogPosition) throws(EventLogError) -> RecordedBatch? {
        try reader.batch(containing: position)
    }

    /// First what is there, then what comes: never a gap, never twice, never before it is durable.
    ///
    /// Ends when the log is closed; throws `.poisoned` when it fails.
    ///
    /// - Parameter from: the first position of interest; `nil`: from the beginning.
    public func subscribe(_ query: Query = .all, from: LogPosition? = nil) throws(EventLogError)
        -> EventSubscription
    {
        try query.checkAskable()
        return EventSubscription(
            query: query, next: max(from ?? .start, LogPosition(rawValue: 1)), reader: reader,
            signal: signal)
    }

    /// Checks every byte; what is being written meanwhile may show as a torn write.
    public func verify(progress: ((VerifiedSoFar) -> Void)? = nil) throws(EventLogError)
        -> VerificationReport
    {
        try LogVerifier.verify(storage: storage, hash: hash, progress: progress)
    }
}
