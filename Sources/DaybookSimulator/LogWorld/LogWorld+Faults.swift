import DaybookCore
import DaybookLog
import Glibc

extension LogWorld {
    private enum FaultKind: CaseIterable { case short, error, diskFull }

    /// Appends while the disk misbehaves, and holds the log to what it must do about it.
    func meetFault() throws(Violation) {
        switch chance.pick(FaultKind.allCases) {
        case .short: try appendWithShortWrites()
        case .diskFull: try fillDisk()
        case .error: try appendWithError()
        }
    }

    private func appendWithShortWrites() throws(Violation) {
        let limit = 1 + chance.below(700)
        disk.injector = { $0.kind == .write ? DiskFault(.short(byteCount: limit)) : nil }
        report.situations.note(.shortWrite)
        try appendGroup()
        disk.injector = nil
    }

    /// A call fails, once or from then on; nothing may be acknowledged any more, and a restart serves
    /// everything that was.
    private func appendWithError() throws(Violation) {
        let calls = chance.below(24)
        let isPersistent = chance.happens(1, in: 2)
        let model = chance.pick(FailedSync.allCases)
        inject(after: calls, isPersistent: isPersistent, model)
        defer { disk.injector = nil }
        // Until the fault comes: the rarer calls are those of a rotation.
        for _ in 0..<8 {
            guard try commitGroup() else { return }
            if isFaultMet { return }
        }
    }

    /// - Returns: `false` when the log was opened again.
    private func commitGroup() throws(Violation) -> Bool {
        guard let group = try stageGroup(), let log else { return true }
        lineage.submitted = lineage.sent.count
        do throws(EventLogError) {
            _ = try log.committer.commit(group)
        } catch {
            try checkRefusesEverything(log, after: error)
            disk.injector = nil
            try reopen(
                chance.happens(1, in: 2)
                    ? disk.killed()
                    : disk.crashed(chance.pick(CrashModel.allCases), chance: chance))
            return false
        }
        // The fault did not come yet, or met a call that must not matter.
        acknowledge()
        guard !log.writer.isPoisoned else {
            throw Violation(.servedAfterFailure, "a group was acknowledged by a poisoned log")
        }
        return true
    }

    private func inject(after calls: Int, isPersistent: Bool, _ model: FailedSync) {
        var left = calls
        isFaultMet = false
        disk.injector = { [unowned self] call in
            guard call.kind.changesDisk else { return nil }
            guard left == 0 else {
                left -= 1
                return nil
            }
            if !isPersistent { left = .max }
            isFaultMet = true
            noteFailure(call, model)
            return DiskFault(.error(errno: EIO), failedSync: model)
        }
    }

    private func noteFailure(_ call: StorageCall, _ model: FailedSync) {
        let isMark = call.file == LogFileName.mark
        if isMark { report.situations.note(.failedMarkWrite) }
        switch call.kind {
        case .write: report.situations.note(.failedWrite)
        case .sync, .syncAll:
            if !isMark { failedFiles.insert(call.file) }
            report.situations.note(.failedSync)
            switch model {
            case .keepsNew: report.situations.note(.failedSyncKeptNew)
            case .reverts: report.situations.note(.failedSyncReverted)
            case .staysDirty: report.situations.note(.failedSyncStayedDirty)
            case .wroteAll: report.situations.note(.failedSyncWroteAll)
            }
        case .rename: report.situations.note(.failedRename)
        case .syncDirectory: report.situations.note(.failedDirectorySync)
        default: break
        }
    }

    /// After a failure nothing is staged, committed or shown any more.
    private func checkRefusesEverything(_ log: OpenedLog, after error: EventLogError)
        throws(Violation)
    {
        guard error.code == .io else {
            throw Violation(.unexpected, "EIO was reported as \(error)")
        }
        guard log.reader.head.batchNumber == UInt64(lineage.acknowledged) else {
            throw Violation(.servedAfterFailure, "a reader was shown more than was acknowledged")
        }
        let batch = SentBatch(serial: serial, shape: 0, options: options).proposed
        do throws(EventLogError) {
            _ = try log.writer.stage(batch)
        } catch {
            guard error.code == .poisoned else {
                throw Violation(.servedAfterFailure, "staging after a failure gives \(error)")
            }
            return notePoisonMark()
        }
        throw Violation(.servedAfterFailure, "a batch was staged after \(error)")
    }

    private func notePoisonMark() {
        do throws(NaiveDefect) {
            guard try !MarkProbe(disk).isPoisoned else { return }
            report.situations.note(.failedPoisonMark)
        } catch {
            explorer.fail(Violation(.malformed, "\(error)"))
        }
    }
}

extension LogWorld {
    /// No space for the next segment: refused before anything is accepted, and the same group goes
    /// through once there is space.
    private func fillDisk() throws(Violation) {
        let used = disk.fileNames.reduce(0) { $0 + disk.bytes($1).count }
        disk.capacity = used + chance.below(20_000)
        defer { disk.capacity = .max }
        for _ in 0..<(4 + chance.below(24)) where sentByteCount < options.byteLimit {
            let before = lineage.sent.count
            let group = try stageGroup()
            guard let group, let log else {
                guard lineage.sent.count == before else { continue }
                report.situations.note(.diskFull)
                break
            }
            lineage.submitted = lineage.sent.count
            do throws(EventLogError) {
                _ = try log.committer.commit(group)
            } catch {
                guard error.code == .noSpace else {
                    throw Violation(.unexpected, "a full disk gives \(error)")
                }
                report.situations.note(.diskFull)
                disk.capacity = .max
                do throws(EventLogError) {
                    _ = try log.committer.commit(group)
                } catch {
                    throw Violation(.unexpected, "space returned, but: \(error)")
                }
                report.situations.note(.spaceReturned)
            }
            acknowledge()
        }
        disk.capacity = .max
        try must("syncing when space returned") { () throws(EventLogError) in
            try log?.committer.syncMark()
        }
    }
}

/// The mark file, read by the letter of the format.
struct MarkProbe {
    struct Slot {
        var generation: UInt64
        var segment: UInt64
        var durableOffset: UInt64
        var isPoisoned: Bool
    }

    let slots: [Slot?]

    init(_ disk: SimulatedDisk) throws(NaiveDefect) {
        let bytes = disk.bytes(LogFileName.mark)
        var slots: [Slot?] = [nil, nil]
        if bytes.count == 8192 {
            slots = bytes.withUnsafeBytes { all in
                [0, 4096].map { start -> Slot? in
                    let slot = NaiveBytes(
                        bytes: UnsafeRawBufferPointer(rebasing: all[start..<(start + 256)]))
                    let covered = NaiveBytes(
                        bytes: UnsafeRawBufferPointer(rebasing: all[start..<(start + 252)]))
                    guard slot.bytes.starts(with: "DBKMARK1".utf8), slot.u32(252) == covered.crc,
                        Int(slot.u64(24) & 1) == start / 4096
                    else { return nil }
                    return Slot(
                        generation: slot.u64(24), segment: slot.u64(40),
                        durableOffset: slot.u64(48), isPoisoned: slot.u32(36) & 2 != 0)
                }
            }
        }
        self.slots = slots
    }

    /// The highest writer epoch in a mark whose checksum is right; 0: none.
    static func newestEpoch(on disk: SimulatedDisk) -> UInt32 {
        let bytes = disk.bytes(LogFileName.mark)
        guard bytes.count == 8192 else { return 0 }
        return bytes.withUnsafeBytes { all -> UInt32 in
            var newest: UInt32 = 0
            for start in [0, 4096] {
                let slot = NaiveBytes(
                    bytes: UnsafeRawBufferPointer(rebasing: all[start..<(start + 256)]))
                let covered = NaiveBytes(
                    bytes: UnsafeRawBufferPointer(rebasing: all[start..<(start + 252)]))
                if slot.u32(252) == covered.crc { newest = max(newest, slot.u32(32)) }
            }
            return newest
        }
    }

    /// The one that counts.
    var newest: Slot? { slots.compactMap(\.self).max { $0.generation < $1.generation } }
    var isPoisoned: Bool { newest?.isPoisoned ?? false }
}
