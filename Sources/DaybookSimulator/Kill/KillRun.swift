internal import DaybookCore
internal import DaybookEngine
package import DaybookLog
internal import Glibc

/// Kills workers one after another on the same directory, and a new one now and then, and checks
/// after each that nothing acknowledged is lost.
package struct KillRun {
    package struct Settings: Sendable {
        /// The executable that has the worker subcommand.
        package var program: String
        /// Where the log directories are made; they go when nothing was wrong.
        package var directory: String
        package var seed: UInt64
        package var cycleCount: Int
        /// `nil`: drawn for each directory.
        package var durability: EventLogOptions.Durability?
        /// Of `WallClock.microseconds`; no cycle begins later.
        package var deadline: Int64

        package init(
            program: String, directory: String, seed: UInt64, cycleCount: Int,
            durability: EventLogOptions.Durability?, deadline: Int64
        ) {
            self.program = program
            self.directory = directory
            self.seed = seed
            self.cycleCount = cycleCount
            self.durability = durability
            self.deadline = deadline
        }
    }

    private let settings: Settings
    private var numbers: SplitMix64
    private var log: WorkerLog
    private var witness = Witness()
    private var totals = KillTotals()
    private var cyclesInDirectory = 0

    package init(_ settings: Settings) {
        self.settings = settings
        numbers = SplitMix64(state: settings.seed)
        log = WorkerLog(directory: "")
    }

    /// Runs all cycles, or up to the first violation.
    package mutating func run() async -> KillTotals {
        beginDirectory()
        for number in 0..<settings.cycleCount where WallClock.microseconds() < settings.deadline {
            if cyclesInDirectory >= 30 || cyclesInDirectory > 0 && numbers.isOne(in: 12) {
                endDirectory()
                beginDirectory()
            }
            do {
                try await cycle(number)
            } catch {
                witness.violation("cycle \(number): \(error)")
            }
            totals.cycleCount += 1
            cyclesInDirectory += 1
            if !witness.violations.isEmpty { break }
        }
        endDirectory()
        return totals
    }

    private mutating func beginDirectory() {
        witness = Witness()
        cyclesInDirectory = 0
        totals.directoryCount += 1
        let isMarked = numbers.isOne(in: 3)
        log = WorkerLog(
            directory: "\(settings.directory)/log-\(settings.seed)-\(totals.directoryCount)",
            segmentByteCount: numbers.isOne(in: 4) ? 1 << 20 : 48 << 10,
            durability: settings.durability ?? (isMarked ? .marked : .lazy))
    }

    private mutating func endDirectory() {
        totals.acknowledgedCount += witness.acknowledged.count
        totals.conflictCount += witness.conflictCount
        totals.violations += witness.violations
        if witness.violations.isEmpty {
            removeTree(log.directory)
        } else {
            totals.keptDirectories.append(log.directory)
        }
    }
}

// MARK: - One cycle

extension KillRun {
    private mutating func cycle(_ number: Int) async throws {
        let moment = KillMoment.draw(&numbers)
        var arguments = [
            "kill-worker", log.directory, "--run", "c\(number)", "--durability",
            log.options.durability == .marked ? "marked" : "lazy", "--segment-bytes",
            "\(log.options.segmentByteCount)",
        ]
        for key in keysToRepeat(3) { arguments += ["--repeat", key] }
        if numbers.isOne(in: 16) { arguments.append("--leave-child") }
        if try work(arguments, moment) {
            totals.terminationCount += 1
            try await openAndCheck(number, mustBeClean: true)
        } else if numbers.isOne(in: 4) {
            // The next worker recovers what this one left.
            try readOnlyCheck()
        } else {
            try await openAndCheck(number, mustBeClean: false)
        }
    }

    /// Lets a worker work until it is ended as planned.
    ///
    /// - Returns: whether it was asked to stop, not killed.
    private mutating func work(_ arguments: [String], _ moment: KillMoment) throws -> Bool {
        let worker = try Subprocess(settings.program, arguments)
        var seen: Set<String> = []
        // The moment of the signal; until it is known, the last moment for the worker to get there.
        var deadline = WallClock.microseconds() + 20_000_000
        var isPlanned = false
        func plan(_ delay: Int64) {
            guard !isPlanned else { return }
            isPlanned = true
            deadline = WallClock.microseconds() + delay
        }
        if case .afterStart(let delay) = moment { plan(delay) }
        var signalled: Int32?
        var signalledAt: Int64 = 0
        while !worker.isAtEnd {
            for line in worker.lines(until: deadline) {
                witness.take(line)
                let word = line.prefix { $0 != " " }
                seen.insert(String(word))
                switch (word, moment) {
                case ("opening", .afterOpening(let delay)): plan(delay)
                case ("open", .underLoad(let delay)), ("open", .terminate(let delay, _)):
                    plan(delay)
                default: break
                }
            }
            guard !worker.isAtEnd, WallClock.microseconds() >= deadline else { continue }
            guard isPlanned, signalled == nil else {
                worker.send(SIGKILL)
                let what = signalled.map { "5 s after signal \($0)" } ?? "20 s after its start"
                witness.violation("the worker is stuck \(what), having said \(seen.sorted())")
                break
            }
            signalledAt = WallClock.microseconds()
            deadline = signalledAt + 5_000_000
            if case .terminate(_, let isRepeated) = moment {
                signalled = SIGTERM
                worker.send(SIGTERM)
                if isRepeated { worker.send(SIGTERM) }
            } else {
                signalled = SIGKILL
                worker.send(SIGKILL)
            }
        }
        let end = worker.reap()
        if signalled == SIGTERM {
            let taken = WallClock.microseconds() - signalledAt
            totals.slowestTerminationMicroseconds = max(
                totals.slowestTerminationMicroseconds, taken)
            if end != .exited(0) || !seen.contains("closed") {
                witness.violation("SIGTERM: \(end), having said \(seen.sorted())")
            }
            return true
        }
        guard end == .signalled(SIGKILL), signalled == SIGKILL else {
            witness.violation("the worker ended by itself: \(end)")
            return false
        }
        totals.killCount += 1
        if seen.contains("open") {
            totals.killsUnderLoad += 1
        } else if seen.contains("opening") {
            totals.killsInOpen += 1
        } else {
            totals.killsAtStart += 1
        }
        return false
    }

    /// Keys whose batches stand in the log already, acknowledged or not.
    private mutating func keysToRepeat(_ count: Int) -> [String] {
        let keys = Array(witness.newest.suffix(count)) + witness.survivors.suffix(count)
        totals.repeatedCount += keys.count
        return keys
    }

    /// Recovers in this process, checks, and sends keys again that were sent before.
    private mutating func openAndCheck(_ number: Int, mustBeClean: Bool) async throws {
        let start = WallClock.microseconds()
        let opened = try log.open()
        let taken = WallClock.microseconds() - start
        let recovery = opened.recovery
        // Clean even after a kill, when the worker had not come to its first mark.
        if !recovery.wasClean { totals.recoveryMicroseconds.append(taken) }
        if mustBeClean, !recovery.wasClean {
            witness.violation("not clean after SIGTERM: \(recovery)")
        }
        if recovery.finishedRotation || !recovery.removedFiles.isEmpty {
            totals.killsInRotation += 1
        }
        if recovery.quarantined != nil { totals.tornCount += 1 }
        if recovery.rewrittenByteCount > 0 { totals.rewrittenCount += 1 }
        try witness.check(opened.reader)
        totals.survivorCount += witness.survivors.count
        let fresh = KeyedBatch(name: "p\(number).0", eventCount: 1, payloadByteCount: 200)
        for key in keysToRepeat(4) + [fresh.key] {
            guard let batch = KeyedBatch(key: key) else { continue }
            let result = try await opened.append(batch.proposed(at: WallClock.now()))
            guard case .appended(let positions) = result else {
                witness.violation("\(key) was refused as \(result)")
                continue
            }
            witness.take(Witness.Acknowledgement(batch: batch, positions: positions, after: nil))
        }
        try witness.check(opened.reader)
        try await opened.close()
        try witness.verify(FileStorage(path: log.directory, readOnly: true))
    }

    /// Everything acknowledged is readable as it lies there, before any recovery.
    private mutating func readOnlyCheck() throws {
        let reader: LogReader
        do throws(EventLogError) {
            let storage = try FileStorage(path: log.directory, readOnly: true)
            reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
        } catch {
            // Before the creation was complete there is no log to read, and nothing to lose.
            guard witness.acknowledged.isEmpty else { throw error }
            return
        }
        try witness.check(reader)
    }
}
