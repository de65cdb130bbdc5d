import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookLog
import DaybookProjections
import DaybookVault

/// One simulated store and everything that can happen to it: the real engine runs on a simulated disk,
/// a simulated clock, a scripted bank and post office, in one loop without threads.
///
/// Processes follow one another over the same disk. Each ends by closing, by a kill or by a power
/// cut; between them read models and snapshots may be lost. The last one finds a healed world, in
/// which all pending work must end. After every opening and at the end the store is judged by what
/// its clients know.
///
/// Deterministic: the same choices give the same trace.
package final class StoreWorld {
    /// Where in its life a process is.
    enum Phase: Int { case creating, opening, serving, closing, over }

    let chance: Chance
    let plan: StorePlan
    let loop = WorldLoop()
    let folder: StoreFolder
    private(set) lazy var bank = WorldBank(world: self)
    private(set) lazy var post = WorldPost(world: self)
    let clients = ClientBook()
    let oracle = StoreOracle()
    var disk = SimulatedDisk()
    var snapshots = SimulatedDisk()
    var now = Instant(microseconds: 1_735_732_800_000_000)
    var report = StoreReport()
    var phase = Phase.over
    /// The process ended without knowing it: whatever its tasks still do, nobody sees.
    private(set) var isDead = false
    /// No more faults, no more outages.
    var isHealed = false
    /// A write failed: this process serves no more.
    var isBroken = false
    var isCreated = false
    /// The first promise that was not kept.
    private(set) var violation: StoreViolation?
    private(set) var life = 0
    /// Steps until the crash, counted from a phase; 0: none.
    private var fuse = 0
    private var fusePhase = Phase.serving
    /// A clean copy of an earlier log, as a backup would be.
    var backup: (disk: SimulatedDisk, head: LogPosition)?
    /// Where log and read models ended if the last process closed; `nil` after a crash.
    var cleanHead: LogPosition?
    /// Where the snapshot stood that the last process began with.
    var snapshotAtStart = LogPosition.start
    /// The newest snapshot was damaged since the last process ended.
    var hasDamagedSnapshot = false
    /// The last process ended in the middle of its work, without a snapshot of its end.
    var hasCrashedServing = false
    /// The open store of this process.
    weak var daybook: Daybook?
    var requestsLeft = 0
    var intentCount = 0
    private var nextDisks: (log: SimulatedDisk, snapshots: SimulatedDisk)?

    private init(chance: Chance) throws(StoreViolation) {
        self.chance = chance
        plan = StorePlan(chance: chance)
        do {
            folder = try StoreFolder()
        } catch {
            throw StoreViolation(.simulation, "\(error)")
        }
    }

    /// Runs one store from its first process to its last.
    ///
    /// - Throws: ``StoreFailure`` at the first promise that was not kept.
    package static func run(chance: Chance) throws(StoreFailure) -> StoreReport {
        let world: StoreWorld
        do throws(StoreViolation) {
            world = try StoreWorld(chance: chance)
        } catch {
            throw StoreFailure(violation: error, choices: chance.choices, life: 0, step: 0)
        }
        do throws(StoreViolation) {
            try world.runLives()
        } catch {
            throw StoreFailure(
                violation: error, choices: chance.choices, life: world.life,
                step: world.loop.stepCount)
        }
        world.report.runs = 1
        world.report.steps = world.loop.stepCount
        world.fold(world.disk.trace)
        world.fold(UInt64(world.loop.stepCount))
        return world.report
    }

    private func runLives() throws(StoreViolation) {
        for life in 0..<plan.lifeCount {
            self.life = life
            try tryOldBackup()
            isHealed = life == plan.lifeCount - 1
            try beginLife()
            try drive()
            try endLife()
        }
    }

    /// A log that is older than its read models must not open: somebody restored an old backup.
    private func tryOldBackup() throws(StoreViolation) {
        guard let old = backup, let cleanHead, cleanHead > old.head, chance.happens(1, in: 2)
        else { return }
        backup = nil
        let truth = (disk, snapshots)
        disk = old.disk
        isDead = false
        phase = .opening
        fuse = 0
        let configuration = configuration()
        Task(executorPreference: loop) { [self] in
            await openOldBackup(configuration)
            phase = .over
        }
        try drive()
        (disk, snapshots) = truth
    }

    func note(_ situation: StoreSituation) { report.situations.note(situation) }

    /// Keeps the first promise that was not kept, and ends the process.
    func fail(_ promise: StoreViolation.Promise, _ details: String) {
        guard violation == nil, !isDead else { return }
        violation = StoreViolation(promise, details)
        isDead = true
    }

    /// Folds something that must be the same in a repeated run.
    func fold(_ word: UInt64) { report.trace = (report.trace ^ word) &* 0x0000_0100_0000_01B3 }
}

/// Unchecked: a simulation has one thread; its tasks share the world.
extension StoreWorld: @unchecked Sendable {}

// MARK: - The loop

extension StoreWorld {
    private static let stepLimit = 400_000

    private func beginLife() throws(StoreViolation) {
        isDead = false
        isBroken = false
        cleanHead = nil
        let hasOutages = plan.hasOutages && !isHealed
        bank.isDown = hasOutages && chance.happens(1, in: 4)
        post.isClosed = hasOutages && chance.happens(1, in: 2)
        phase = .creating
        requestsLeft = plan.requestCount / plan.lifeCount
        fuse = 0
        if !isHealed, chance.below(4) < plan.crashWeight {
            fusePhase = chance.pick([(.serving, 6), (.creating, 2), (.closing, 1)])
            fuse = 1 + chance.below(fusePhase == .closing ? 40 : plan.fuseLimit)
        }
        watchDisk()
        let configuration = configuration()
        Task(executorPreference: loop) { [self] in
            await live(configuration)
            phase = .over
        }
    }

    /// Takes steps until the process is over.
    private func drive() throws(StoreViolation) {
        let end = loop.stepCount + StoreWorld.stepLimit
        while phase != .over {
            let candidates = loop.candidates
            guard !candidates.isEmpty, loop.stepCount < end else {
                throw violation
                    ?? StoreViolation(
                        .worksEnd, "in life \(life) nobody can go on, or nobody comes to an end")
            }
            guard !isDead else {
                loop.run(candidates[0])
                continue
            }
            tick()
            guard !isDead else { continue }
            now = Instant(microseconds: now.microseconds + 500)
            let choice = candidates.count == 1 ? 0 : chance.below(candidates.count)
            loop.run(candidates[choice])
            if loop.stepCount % 64 == 0, !isDead { loop.idle() }
        }
        // Tasks that nobody waits for (mails) end by themselves once the process is dead.
        while let candidate = loop.candidates.first { loop.run(candidate) }
        if let violation { throw violation }
    }

    /// One more place where the process can end.
    func tick() {
        guard fuse > 0, !isDead, phase.rawValue >= fusePhase.rawValue else { return }
        fuse -= 1
        if fuse == 0 { crash() }
    }

    /// A process may end right here, whatever was planned for it: no world in hundreds would meet this
    /// moment by counting steps.
    func invite(oneIn rarity: Int = 4) {
        guard phase == .serving, !isHealed, plan.crashWeight > 0, !isDead,
            chance.happens(1, in: rarity)
        else { return }
        fuse = 0
        crash()
    }

    /// Time that the outside world takes.
    func travel() async {
        guard !isDead else { return }
        await loop.pause()
    }

    private func watchDisk() {
        let disk = disk
        // Whatever the process does after its end, it does to a disk that refuses everything.
        let dead = DiskFault(.error(errno: 5), failedSync: .staysDirty)
        let fault = planFault()
        for disk in [disk, snapshots] {
            disk.observer = { [unowned self] _, _ in
                tick()
                if disk === snapshots { invite(oneIn: 160) }
            }
            disk.injector = { [unowned self] call in
                if isDead { return dead }
                guard disk === self.disk, let fault, call.index == fault.index else { return nil }
                return fault.fault
            }
        }
    }

    /// At most one call of a process fails, wherever it comes.
    private func planFault() -> (index: Int, fault: DiskFault)? {
        guard !isHealed else {
            disk.capacity = .max
            return nil
        }
        if plan.isSmallDisk, isCreated {
            let used = disk.fileNames.reduce(0) { $0 + disk.bytes($1).count }
            disk.capacity = used + chance.below(20 << 10)
        }
        guard plan.diskFaultRarity > 0 else { return nil }
        let index = disk.callCount + chance.below(plan.diskFaultRarity * 4)
        let effect = chance.pick([
            DiskFault.Effect.error(errno: 5), .error(errno: 28), .short(byteCount: 100),
        ])
        return (index, DiskFault(effect, failedSync: chance.pick(FailedSync.allCases)))
    }
}

// MARK: - Ends

extension StoreWorld {
    /// The process ends here and now; what the next one will find is decided.
    private func crash() {
        noteCrash()
        report.crashes += 1
        isDead = true
        hasCrashedServing = phase == .serving
        let isPowerCut = chance.below(4) < plan.powerCutWeight
        note(isPowerCut ? .powerCut : .killedProcess)
        do {
            if isPowerCut {
                let model = chance.pick(CrashModel.allCases)
                nextDisks = (
                    disk.crashed(model, chance: chance), snapshots.crashed(model, chance: chance)
                )
                try folder.beginNextLife(cuttingBy: chance)
            } else {
                nextDisks = (disk.killed(), snapshots.killed())
                try folder.beginNextLife(cuttingBy: nil)
            }
        } catch {
            violation = violation ?? StoreViolation(.simulation, "\(error)")
        }
    }

    private func noteCrash() {
        switch phase {
        case .creating: note(.crashWhileCreating)
        case .opening: note(.crashWhileOpening)
        case .closing: note(.crashWhileClosing)
        case .serving, .over: break
        }
        if let daybook, daybook.projectedPosition < daybook.head { note(.crashWithReadModelBehind) }
        for kind in bank.repliesUnderway.values {
            switch kind {
            case .charge: note(.crashAfterCharge)
            case .capture: note(.crashAfterCapture)
            case .refund: note(.crashAfterRefund)
            case .void: break
            }
        }
        if let daybook, phase == .serving, daybook.isWritingSnapshot {
            note(.crashWhileWritingSnapshot)
        }
        if post.receiptsUnderway > 0 { note(.crashAfterMail) }
        if bank.unacknowledgedTaken > 0 { note(.crashWithMessages) }
        if clients.isAnythingUnderway { note(.crashBetweenDecisionAndSync) }
        if bank.callsUnderway > 0 { note(.crashBeforeCall) }
    }

    private func endLife() throws(StoreViolation) {
        bank.forgetProcess()
        post.forgetProcess()
        clients.forgetProcess(inLife: life)
        fold(disk.trace)
        if let next = nextDisks {
            (disk, snapshots) = next
            nextDisks = nil
            folder.forgetEarlierLives()
        } else {
            (disk, snapshots) = (disk.killed(), snapshots.killed())
        }
        do {
            try loseThings()
        } catch {
            throw StoreViolation(.simulation, "\(error)")
        }
    }

    func configuration() -> DaybookConfiguration {
        var configuration = DaybookConfiguration(directory: folder.path)
        configuration.settings = StoreSettings(shop: plan.settings)
        configuration.gateway = bank
        configuration.mailSender = post
        configuration.logOptions = plan.logOptions
        configuration.clock = { [unowned self] in now }
        configuration.seedChance(with: UInt64(chance.below(1 << 32)))
        configuration.passwordCost = .lowest
        configuration.logStorage = disk
        configuration.snapshotStorage = snapshots
        configuration.host = loop
        configuration.eventsPerSnapshot = plan.eventsPerSnapshot
        configuration.eventsPerRunningSnapshot = plan.eventsPerRunningSnapshot
        configuration.keysPerRun = plan.keysPerRun
        // Few calls of a world have many requests: so those with two are cut, and others come in between.
        configuration.requestsPerSlice = 1
        configuration.outcomesPerPart = 1
        return configuration
    }
}
