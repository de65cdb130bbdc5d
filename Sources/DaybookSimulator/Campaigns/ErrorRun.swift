import DaybookCore
import DaybookLog
import Glibc

/// One run of a fixed scenario in which one call goes wrong.
final class ErrorRun {
    private let world: LogWorld
    private var hit = false
    /// The call that went wrong was a sync.
    private(set) var metSync = false

    init(_ options: LogWorldOptions) {
        var options = options
        options.payloadLimit = 900
        options.groupLimit = 2
        world = LogWorld(options: options, chance: Chance(seed: 7), plan: .replay([]))
    }

    /// Runs the scenario with a fault at a call, restarts on a healthy disk after whatever came of it,
    /// by a kill and by a power cut, and judges both.
    ///
    /// - Returns: whether the scenario has so many calls.
    /// - Throws: when a promise was not kept.
    func meet(_ call: Int, _ fault: DiskFault, isPersistent: Bool) throws(Violation) -> Bool {
        var counted = 0
        let injector: (StorageCall) -> DiskFault? = { [unowned self] made in
            defer { counted += 1 }
            guard counted == call || isPersistent && counted > call else { return nil }
            if !hit { metSync = made.kind == .sync || made.kind == .syncAll }
            hit = true
            return fault
        }
        let failure = try scenario(injector)
        guard hit else { return false }
        if case .short = fault.effect, let failure {
            throw Violation(.unexpected, "a short call shows: \(failure)")
        }
        try restart(world.disk.killed())
        try restart(world.disk.crashed(.nothing, chance: Chance(replaying: [])))
        return true
    }

    /// Create, append over a rotation, be idle, close, open, append, close.
    ///
    /// - Returns: the error that stopped it.
    private func scenario(_ injector: @escaping (StorageCall) -> DiskFault?) throws(Violation)
        -> EventLogError?
    {
        world.disk.injector = injector
        do throws(EventLogError) {
            var log = try world.createLog(on: world.disk)
            world.isCreated = true
            for step in 0..<30 {
                try append(log)
                if step % 7 == 3 { try log.committer.syncMark() }
                world.clock.advance(microseconds: 20_000)
            }
            try log.committer.close()
            log = try world.openLog(on: world.disk)
            for _ in 0..<4 { try append(log) }
            try log.committer.close()
            return nil
        } catch {
            return error
        }
    }

    private func append(_ log: OpenedLog) throws(EventLogError) {
        let batch = SentBatch(serial: world.serial, shape: 40, options: world.options)
        world.serial += 1
        _ = try log.writer.stage(batch.proposed)
        world.lineage.sent.append(batch)
        world.lineage.submitted = world.lineage.sent.count
        guard let group = log.writer.closeGroup() else { return }
        do throws(EventLogError) {
            _ = try log.committer.commit(group)
        } catch {
            try refuseMore(log, after: error)
            throw error
        }
        world.lineage.acknowledged = world.lineage.sent.count
    }

    /// After a failure nothing may be acknowledged any more; only a full disk may be tried again.
    private func refuseMore(_ log: OpenedLog, after error: EventLogError) throws(EventLogError) {
        guard error.code != .noSpace || log.writer.isPoisoned else { return }
        let batch = SentBatch(serial: 1 << 50, shape: 0, options: world.options)
        do throws(EventLogError) {
            _ = try log.writer.stage(batch.proposed)
        } catch {
            return
        }
        world.explorer.fail(Violation(.servedAfterFailure, "a batch was staged after \(error)"))
    }

    private func restart(_ disk: SimulatedDisk) throws(Violation) {
        if let failure = world.explorer.failure { throw failure.violation }
        disk.injector = nil
        let opened = try world.recover(disk, mayBeAbsent: !world.isCreated)
        _ = try world.judge(disk, opened, world.lineage)
    }
}
