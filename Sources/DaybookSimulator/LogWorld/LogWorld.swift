import DaybookCore
import DaybookEngine
import DaybookLog

/// One simulated log and everything that can happen to it: the real writer, committer, recovery and
/// reader run on a ``SimulatedDisk``, one step after another, and after every call that changes the
/// disk the power goes in copies of the world that are recovered and judged.
///
/// Deterministic: the same options, choices and seed give the same trace.
package final class LogWorld {
    let options: LogWorldOptions
    let chance: Chance
    let clock = SimulatedClock()
    var disk = SimulatedDisk()
    var log: OpenedLog?
    var lineage = Lineage()
    /// The log was made: from now on a directory without one has lost it.
    var isCreated = false
    var serial = 0
    var sentByteCount = 0
    /// The newest write to a segment was a seal.
    var isSealing = false
    /// Files whose sync failed in this process: nothing may be synced there again.
    var failedFiles: Set<String> = []
    /// The planned fault has come.
    var isFaultMet = false
    package internal(set) var report = LogWorldReport()
    let explorer: CrashExplorer
    /// Of this world and of all its copies.
    let oracle = NaiveReader()
    /// Told what happens, line by line, when a run is replayed for somebody to read.
    package var narrator: ((String) -> Void)?

    /// - Parameters:
    ///   - chance: the choices of the main line.
    ///   - plan: where the power goes in copies of the world.
    package init(options: LogWorldOptions, chance: Chance, plan: CrashPlan) {
        self.options = options
        self.chance = chance
        explorer = CrashExplorer(plan: plan)
    }

    /// Takes steps until the choices say stop.
    ///
    /// - Throws: ``SimulationFailure`` at the first promise that was not kept.
    package func run() throws(SimulationFailure) {
        do throws(Violation) {
            watch(disk)
            try create()
            var step = 0
            while step < options.stepLimit, try takeStep() { step += 1 }
            try finish()
        } catch {
            explorer.fail(error)
        }
        report.trace = report.trace &* 31 ^ disk.trace
        if let failure = explorer.failure {
            throw SimulationFailure(
                violation: failure.violation, choices: chance.choices, crashes: failure.crashes)
        }
    }

    /// Makes crash points of the calls on a disk of the main line.
    func watch(_ disk: SimulatedDisk) {
        disk.observer = { [unowned self, unowned disk] call, moment in
            guard call.kind.changesDisk else { return }
            guard moment == .after else {
                // A file that is made anew owes nothing to the one whose sync failed.
                if call.kind == .create { failedFiles.remove(call.file) }
                let isSync = call.kind == .sync || call.kind == .syncAll
                if isSync, failedFiles.contains(call.file) {
                    explorer.fail(
                        Violation(.servedAfterFailure, "\(call) after a failed sync of that file"))
                }
                return
            }
            narrator?("\(call)")
            crashPoint(disk, after: call)
        }
    }

    func crashPoint(_ disk: SimulatedDisk, after call: StorageCall?) {
        var promised = lineage
        if let head = log?.reader.head {
            // What a reader was shown counts like an acknowledgement.
            promised.acknowledged = max(promised.acknowledged, Int(head.batchNumber))
        }
        // Without a call: something was acknowledged just now.
        let isDelicate = call?.isDelicate ?? true
        let forks = options.forksPerCall * (isDelicate ? 3 : 1)
        explorer.visit(level: 0, forks: forks) { chance throws(Violation) in
            try fork(disk, promised, after: call, level: 0, chance)
        }
    }
}

// MARK: - Opening

extension LogWorld {
    func create() throws(Violation) {
        do throws(EventLogError) {
            log = try createLog(on: disk)
        } catch {
            throw Violation(.unexpected, "a log cannot be created: \(error)")
        }
        isCreated = true
    }

    func createLog(on disk: SimulatedDisk) throws(EventLogError) -> OpenedLog {
        try LogDirectory.create(
            storage: disk, options: options.logOptions, hash: .sha256, clock: clock.read,
            newLogID: LogID(rawValue: 0x0190_0000_0000_7000_8000_0000_0000_0001),
            salt: LogWorld.salt)
    }

    private static let salt = Digest(Array(1...32)) ?? .zero

    func openLog(on disk: SimulatedDisk) throws(EventLogError) -> OpenedLog {
        try LogDirectory.open(
            storage: disk, options: options.logOptions, hash: .sha256, clock: clock.read)
    }

    /// Opens what a crash left; creates the log again when the crash came before there was one.
    func recover(_ disk: SimulatedDisk, mayBeAbsent: Bool) throws(Violation) -> OpenedLog {
        report.recoveries += 1
        narrator?("open")
        let epoch = MarkProbe.newestEpoch(on: disk)
        var opened: OpenedLog?
        do throws(EventLogError) {
            opened = try openLog(on: disk)
        } catch {
            guard mayBeAbsent, error.code == .notFound else {
                throw Violation(.falseRefusal, "a plain crash was refused: \(error)")
            }
        }
        if let opened {
            guard opened.recovery.writerEpoch > epoch else {
                throw Violation(.unexpected, "two writers in turn have epoch \(epoch)")
            }
            return opened
        }
        report.situations.note(.createdAgain)
        do throws(EventLogError) {
            return try createLog(on: disk)
        } catch {
            throw Violation(.falseRefusal, "creating again after a crash: \(error)")
        }
    }

    /// The next process: recovers, is held against the promises, and goes on.
    func reopen(_ next: SimulatedDisk) throws(Violation) {
        log = nil
        failedFiles = []
        report.trace = report.trace &* 31 ^ disk.trace
        disk = next
        watch(next)
        let opened = try recover(next, mayBeAbsent: false)
        log = opened
        let count = try judge(next, opened, lineage)
        note(opened.recovery, of: lineage, count: count, on: next)
        lineage.settle(count: count)
    }
}
