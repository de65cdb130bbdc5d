public import DaybookCore
import DaybookDecisions
public import DaybookGateways
public import DaybookLog
package import DaybookVault
import Foundation

/// Who makes the calls that intents ask for.
public enum ReactorMode: Hashable, Sendable {
    /// Daybook itself, as soon as an intent is durable, and at start for those left over.
    case automatic
    /// Daybook itself for money, as soon as an intent is durable; mails wait for
    /// ``Daybook/runReactors()``: for bulk work beside a mailer of its own pace.
    case paymentsOnly
    /// The caller, by ``Daybook/runReactors()``: for imports, rehearsals and simulations.
    case manual
}

/// Everything a Daybook is opened with. The defaults are the embedded ones: one directory, no server,
/// the scripted bank, mails as files.
public struct DaybookConfiguration: Sendable {
    /// The store's directory.
    public var directory: String
    /// Instead of the store's `settings.json`.
    public var settings: StoreSettings?
    /// Instead of the embedded bank.
    public var gateway: (any PaymentGateway)?
    /// Instead of the embedded outbox folder.
    public var mailSender: (any MailSender)?
    public var reactors: ReactorMode
    /// Where the vault's master key lies; `nil`: `master.key` in the store.
    public var masterKeyFile: String?
    public var logOptions: EventLogOptions {
        // Whoever brings options of their own must not lose the meaning of the events with them.
        didSet { logOptions.upcasters = upcasters }
    }
    /// Former names and shapes of the events; another chain than today's is for tests.
    package var upcasters: UpcasterChain {
        didSet { logOptions.upcasters = upcasters }
    }
    /// The wall clock; the only one there is.
    public var clock: @Sendable () -> Instant
    package var entropy: any EntropySource
    package var passwordCost: PasswordCost
    /// Instead of the store's `log` folder.
    package var logStorage: (any Storage)?
    /// Instead of the store's `snapshots` folder.
    package var snapshotStorage: (any Storage)?
    /// Who runs the engine's loops.
    package var host: any EngineHost
    /// So many events after the last one a new snapshot is worth its time, when the store is closed.
    package var eventsPerSnapshot: UInt64
    /// The same beside the running store: what a start after a kill has to fold at least.
    package var eventsPerRunningSnapshot: UInt64
    /// From so many idempotency keys on, they are put away in a run instead of into each snapshot.
    package var keysPerRun: Int
    /// So many requests of a call are decided before others are looked for; see ``WriterThread``.
    package var requestsPerSlice: Int
    /// So many outcomes of payments are handed to the writer at a time while the next calls are made.
    package var outcomesPerPart: Int
    /// Read models that are behind by no more than so many events are waited for at start.
    package var eventsToWaitForAtStart: UInt64

    public init(directory: String) {
        self.directory = directory
        reactors = .automatic
        logOptions = EventLogOptions()
        logOptions.schema = EventSchema.descriptorSet
        upcasters = .current
        logOptions.upcasters = .current
        clock = DaybookConfiguration.wallClock
        entropy = SystemEntropy()
        passwordCost = .recommended
        host = ThreadHost()
        eventsPerSnapshot = 1_000
        eventsPerRunningSnapshot = 65_536
        keysPerRun = SnapshotFile.defaultKeysPerRun
        requestsPerSlice = WriterThread.requestsPerSlice
        // Enough to share a sync, few enough that the writer begins early.
        outcomesPerPart = 64
        eventsToWaitForAtStart = 2_048
    }

    /// Microseconds of the system's real-time clock.
    public static let wallClock: @Sendable () -> Instant = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// Makes chance repeatable: for transcripts and tests. Whoever knows the seed knows every key.
    public mutating func seedChance(with seed: UInt64) {
        entropy = SeededEntropy(seed: seed)
    }

    var store: StoreDirectory { StoreDirectory(path: directory) }

    var vaultOptions: Vault.Options {
        Vault.Options(
            masterKeyFile: masterKeyFile, entropy: entropy, passwordCost: passwordCost)
    }

    var snapshotFile: SnapshotFile {
        snapshotStorage.map { SnapshotFile(storage: $0, keysPerRun: keysPerRun) }
            ?? SnapshotFile(directory: store.snapshots, keysPerRun: keysPerRun)
    }

    func openLogStorage(creating: Bool = false) throws(EventLogError) -> any Storage {
        if let logStorage { return logStorage }
        return try FileStorage(path: store.log, creating: creating)
    }

    func loadedSettings() throws(DaybookError) -> StoreSettings {
        if let settings { return settings }
        return try StoreSettings.load(from: store).settings
    }
}
