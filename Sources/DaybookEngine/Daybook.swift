public import DaybookCore
import DaybookDecisions
import DaybookGateways
public import DaybookLog
public import DaybookProjections
import DaybookVault
import Foundation
import Synchronization

/// An open store: takes commands, keeps the read models, makes the calls that follow.
///
/// There is one Daybook per store at a time; any number of ``DaybookReader`` may stand beside it.
/// Every result that it gives is durable. All methods may be called from any task.
public final class Daybook: Sendable {
    /// What opening found and mended.
    public let recovery: RecoveryReport
    /// What opening took, part by part.
    public var start: StartReport { startReport.withLock { $0 } }
    /// What was done about read models that could not be used as they were, what could not be brought up
    /// at start, and why the last snapshot could not be written; for people.
    public var notices: [String] {
        earlyNotices + lateNotices.withLock { $0 }
            + [snapshots.notice].compactMap(\.self) + modelCheck.findings
    }
    /// Answers questions; give `atLeast` the position of a result to see its effect.
    public let readModels: ReadModels

    let configuration: DaybookConfiguration
    let preparation: RequestPreparation
    let writer: WriterThread
    let projections: ProjectionThread
    let reader: LogReader
    let vault: Vault
    let gatewayReactor: GatewayReactor
    let mailReactor: MailReactor
    let mailQueue: MailQueue
    /// What came of mails and could not be recorded: recorded before another mail is sent.
    let unrecordedMails = Mutex<[PreparedRequest]>([])
    private let committer: LogCommitter
    private let indexer: SegmentIndexer?
    let snapshots: SnapshotThread
    private let modelCheck: ReadModelCheck
    private let startReport: Mutex<StartReport>
    /// Where log and read models ended when the store was opened.
    package let headAtStart: LogPosition
    package let projectedAtStart: LogPosition
    private let isClosed = Mutex(false)
    private let earlyNotices: [String]
    private let lateNotices = Mutex<[String]>([])

    /// Makes a new, empty store.
    ///
    /// - Throws: ``DaybookError`` `store_exists`, `read_only`, `no_space`, `log_unavailable`.
    public static func create(_ configuration: DaybookConfiguration) throws(DaybookError) {
        try StoreCreation.create(configuration)
    }

    /// Opens a store for writing: takes the lock, recovers the log, folds the state, brings the read
    /// models up, and makes the calls that an earlier run left open.
    ///
    /// Read models that are far behind (more than 16,384 events) are brought up beside the open store
    /// instead: a question with `atLeast` waits for them, any other is answered as of an earlier
    /// position, and ``notices`` says so.
    ///
    /// - Throws: ``DaybookError`` `store_not_found`, `store_locked`, `log_corrupt` with the exact
    ///   range, `needs_newer_program`, `key_missing`, `read_only`, `no_space`.
    /// - Complexity: O(state + events since the last snapshot). Damage of large read models is looked for
    ///   beside the open store; see ``notices``.
    public static func open(
        _ configuration: DaybookConfiguration
    ) async throws(DaybookError) -> Daybook {
        let board = PositionBoard()
        let opened = try OpenedStore.open(configuration, board: board)
        let daybook: Daybook
        do throws(DaybookError) {
            daybook = try Daybook(configuration, opened, board: board)
        } catch {
            try? opened.log.committer.close()
            throw error
        }
        do throws(DaybookError) {
            try await daybook.catchUp()
        } catch {
            // The first error is the one to tell.
            try? await daybook.close()
            throw error
        }
        // Gigabytes, which nobody waits for: whoever waits for the start has the disk and the cores first.
        daybook.modelCheck.begin()
        return daybook
    }

    /// Brings up what follows the log. Neither a read model nor the outside world keeps a store from
    /// being opened for want of space; they catch up when there is some.
    private func catchUp() async throws(DaybookError) {
        var stopwatch = Stopwatch()
        defer {
            let duration = stopwatch.lap()
            startReport.withLock { $0.catchUp = duration }
        }
        do throws(DaybookError) {
            try await waitForProjectionsAtStart()
        } catch {
            lateNotices.withLock { $0.append("read models are behind: \(error)") }
        }
        guard configuration.reactors != .manual else { return }
        do throws(DaybookError) {
            try await runReactors(withMails: configuration.reactors == .automatic)
        } catch  where error.kind == .noSpace || error.kind == .busy {
            lateNotices.withLock { $0.append("calls that are left over wait: \(error)") }
        }
    }

    /// A killed store that was written faster than its read models follow may have minutes of work for
    /// them: commands need none of it.
    private func waitForProjectionsAtStart() async throws(DaybookError) {
        let position = projections.position
        let lag = headAtStart.rawValue - min(position, headAtStart).rawValue
        guard lag > configuration.eventsToWaitForAtStart else {
            return try await waitForProjections()
        }
        projections.project(through: headAtStart)
        lateNotices.withLock {
            $0.append(
                "read models were \(lag) events behind the log at start, and are brought up beside the "
                    + "open store")
        }
    }

    private init(
        _ configuration: DaybookConfiguration, _ opened: OpenedStore, board: PositionBoard
    ) throws(DaybookError) {
        let settings = try configuration.loadedSettings()
        let (gateway, sender) = try configuration.effects(settings)
        let reader = opened.log.reader
        let projections = ProjectionThread(models: opened.models, host: configuration.host)
        self.configuration = configuration
        self.projections = projections
        board.whenAwaited { projections.hurry() }
        modelCheck = ReadModelCheck(opened.models.unchecked)
        self.reader = reader
        recovery = opened.log.recovery
        earlyNotices = opened.models.notices
        vault = opened.vault
        committer = opened.log.committer
        indexer = opened.log.indexer
        headAtStart = reader.head.position
        projectedAtStart = opened.models.position
        startReport = Mutex(opened.report)
        readModels = ReadModels(
            directory: configuration.store.readModels, logID: reader.logID,
            past: PastModels(reader: reader, store: configuration.store), signal: board)
        preparation = RequestPreparation(
            vault: opened.vault, settings: settings.shop, clock: configuration.clock,
            entropy: EntropyPool(configuration.entropy))
        gatewayReactor = GatewayReactor(gateway: gateway)
        mailReactor = MailReactor(
            sender: sender, composer: settings.mail, vault: opened.vault, reader: reader)
        mailQueue = MailQueue(executor: configuration.host.executor)
        let snapshots = SnapshotThread(
            file: configuration.snapshotFile, every: configuration.eventsPerRunningSnapshot,
            since: opened.snapshotPosition, host: configuration.host)
        self.snapshots = snapshots
        writer = WriterThread(
            core: EngineCore(
                state: opened.state, writer: opened.log.writer, reader: reader,
                settings: settings.shop),
            committer: opened.log.committer, snapshots: snapshots, host: configuration.host,
            requestsPerSlice: configuration.requestsPerSlice,
            committed: { head in projections.project(through: head.position) })
        // Without that thread, indexes are made when they are asked for: so a simulated host, which
        // must know of every thread, gets none.
        if configuration.host.isParallel { try? indexer?.start() }
    }

    /// The position of the last durable event.
    public var head: LogPosition { reader.head.position }

    /// The log's identity.
    public var logID: LogID { reader.logID }

    /// Waits until the read models hold everything that is durable now.
    public func waitForProjections() async throws(DaybookError) {
        try await projections.wait(for: head)
    }

    /// Has the read models take in what is durable now, without the rest in which more gathers: for a
    /// caller who will wait for all of it in the end, and leaves a core free meanwhile.
    package func hurryProjections() { projections.hurry() }

    /// Finishes what was begun, brings the read models up, writes a snapshot, marks the log clean.
    ///
    /// A second call does nothing. Without it everything acknowledged is safe all the same.
    public func close() async throws(DaybookError) {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        await mailQueue.drain()
        let last = await writer.inspect(in: .bulk) {
            (state: $0.state, position: $0.writer.stagedHead)
        }
        writer.stop()
        modelCheck.stop()
        // Before the projectors: whoever closes a file last folds its write-ahead log into it, and a reader
        // cannot.
        readModels.close()
        snapshots.stop()
        projections.stop()
        indexer?.stop()
        // Only a state that is exactly what is durable may be kept: a request that came in between, or
        // a failed commit, leaves the two apart.
        if let last,
            last.position == reader.head.position || PlantedBug.snapshotOfUnwrittenState.isPlanted
        {
            writeSnapshot(of: last.state)
        }
        do throws(EventLogError) {
            try committer.close()
        } catch {
            throw DaybookError(log: error)
        }
    }

    private func writeSnapshot(of state: EngineState) {
        let head = reader.head
        guard
            head.position.rawValue >= snapshots.newest.rawValue + configuration.eventsPerSnapshot
        else { return }
        // A snapshot is a cache: without it the next start folds a longer tail.
        _ = try? configuration.snapshotFile.write(
            Snapshot(
                logID: reader.logID, position: head.position, chain: head.chain,
                vocabulary: reader.upcasters.digest, state: state))
    }
}

extension DaybookConfiguration {
    /// The gateways handed in, or the embedded ones.
    fileprivate func effects(
        _ settings: StoreSettings
    ) throws(DaybookError) -> (any PaymentGateway, any MailSender) {
        let bank: any PaymentGateway
        do throws(GatewayError) {
            if let gateway {
                bank = gateway
            } else {
                bank = try ScriptedBank(directory: store.bank, script: settings.bank)
            }
        } catch {
            throw DaybookError(.io, "the embedded bank: \(error.message)")
        }
        do throws(MailFailure) {
            if let mailSender { return (bank, mailSender) }
            return (bank, try EmlMailSender(directory: store.outbox))
        } catch {
            throw DaybookError(.io, "the outbox folder: \(error)")
        }
    }
}
