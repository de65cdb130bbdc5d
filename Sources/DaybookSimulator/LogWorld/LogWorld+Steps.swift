import DaybookCore
import DaybookEngine
import DaybookLog

extension LogWorld {
    private enum Step { case stop, append, idle, clock, close, kill, powerCut, fault }

    /// - Returns: `false` when the choices say that it is enough.
    func takeStep() throws(Violation) -> Bool {
        guard explorer.failure == nil, sentByteCount < options.byteLimit else { return false }
        let step = chance.pick([
            (Step.stop, weight: options.stopWeight), (.append, weight: 12),
            (.idle, weight: options.idleWeight),
            (.clock, weight: options.clockWeight), (.close, weight: options.closeWeight),
            (.kill, weight: options.killWeight), (.powerCut, weight: options.powerCutWeight),
            (.fault, weight: options.faultWeight),
        ])
        report.steps += 1
        narrator?("step \(report.steps): \(step)")
        clock.advance(microseconds: 900)
        switch step {
        case .stop: return false
        case .append: try appendGroup()
        case .idle: try idle()
        case .clock: moveClock()
        case .close: try closeAndReopen()
        case .kill:
            report.situations.note(.killedProcess)
            try reopen(disk.killed())
        case .powerCut:
            report.situations.note(.powerCutOnTheMainLine)
            try reopen(disk.crashed(chance.pick(CrashModel.allCases), chance: chance))
        case .fault: try meetFault()
        }
        return true
    }

    private var opened: OpenedLog {
        guard let log else { preconditionFailure("LogWorld: a log is open between two steps") }
        return log
    }

    /// Stages a group; the last choice a client has.
    func stageGroup() throws(Violation) -> StagedGroup? {
        let shape = chance.below(1 << 12)
        let count = 1 + shape % options.groupLimit
        for index in 0..<count {
            let batch = SentBatch(serial: serial, shape: shape, options: options)
            serial += 1
            let before = opened.writer.stagedHead
            // Every third batch says what must not have happened, which nothing has.
            let condition: AppendCondition? =
                index % 3 == 2 ? .nothingMatches(.all, after: before) : nil
            do throws(EventLogError) {
                let result = try opened.writer.stage(batch.proposed, when: condition)
                let last = before.advanced(by: batch.events.count)
                guard result == .appended(before.advanced(by: 1)...last) else {
                    throw EventLogError(.io, "staged as \(result) behind \(before)")
                }
            } catch {
                if error.code == .noSpace, disk.capacity < .max { break }
                throw Violation(.unexpected, "a batch was not staged: \(error)")
            }
            lineage.sent.append(batch)
            sentByteCount += batch.byteCount
            report.batches += 1
        }
        return opened.writer.closeGroup()
    }

    func appendGroup() throws(Violation) {
        guard let group = try stageGroup() else { return }
        lineage.submitted = lineage.sent.count
        do throws(EventLogError) {
            let head = try opened.committer.commit(group)
            guard head.batchNumber == UInt64(lineage.sent.count) else {
                throw EventLogError(.io, "committed up to batch \(head.batchNumber)")
            }
        } catch {
            throw Violation(.unexpected, "a group was not committed: \(error)")
        }
        acknowledge()
    }

    /// From here on clients have been told; the power may go right now.
    func acknowledge() {
        lineage.acknowledged = lineage.sent.count
        crashPoint(disk, after: nil)
    }

    private func idle() throws(Violation) {
        try must("syncing the mark of an idle log") { () throws(EventLogError) in
            try opened.committer.syncMark()
        }
    }

    private func moveClock() {
        let hour: Int64 = 3_600_000_000
        let jump = chance.pick([60_000, hour, -hour, -1, 24 * 365 * hour])
        if jump < 0 { report.situations.note(.clockWentBack) }
        clock.advance(microseconds: jump)
    }

    private func closeAndReopen() throws(Violation) {
        try must("closing") { () throws(EventLogError) in
            try opened.committer.close()
        }
        // Closed means durable: nothing may be lost by a power cut now, whatever the model.
        report.situations.note(.crashAfterClose)
        try reopen(disk.crashed(chance.pick(CrashModel.allCases), chance: chance))
        guard log?.recovery.wasClean == true else {
            throw Violation(.unexpected, "a clean close was not recognised")
        }
        report.situations.note(.openedClean)
    }

    /// Closes the log and judges what is there; the last promise.
    func finish() throws(Violation) {
        guard explorer.failure == nil else { return }
        try must("closing at the end") { () throws(EventLogError) in
            try opened.committer.close()
        }
        log = nil
        try verify(disk)
        let end = disk.crashed(.nothing, chance: chance)
        _ = try judge(end, try recover(end, mayBeAbsent: false), lineage)
    }

    /// `verify` must find nothing in a log that nothing was done to.
    func verify(_ disk: SimulatedDisk) throws(Violation) {
        let found = try findings(in: disk)
        guard found.isEmpty else {
            throw Violation(.unexpected, "verify reports \(found[0])")
        }
    }

    func findings(in disk: SimulatedDisk) throws(Violation) -> [DamageFinding] {
        try must("verify") { () throws(EventLogError) in
            try LogVerifier.verify(storage: disk, hash: .sha256).findings
        }
    }

    /// Makes a call that must succeed.
    func must<Result>(_ what: String, _ body: () throws(EventLogError) -> Result)
        throws(Violation) -> Result
    {
        do throws(EventLogError) {
            return try body()
        } catch {
            throw Violation(.unexpected, "\(what) fails: \(error)")
        }
    }
}
