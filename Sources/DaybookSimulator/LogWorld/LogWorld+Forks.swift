import DaybookCore
import DaybookLog
import Glibc

extension LogWorld {
    /// The power goes, or the process, in a copy of the world; what is left is opened and judged.
    ///
    /// - Parameters:
    ///   - promised: what was sent and acknowledged at this moment.
    ///   - level: how many crashes deep this is.
    func fork(
        _ disk: SimulatedDisk, _ promised: Lineage, after call: StorageCall?, level: Int,
        _ chance: Chance
    ) throws(Violation) {
        report.crashPoints += 1
        noteMoment(call, on: disk, level: level)
        let model = chance.below(CrashModel.allCases.count + 2)
        let isKilled = model >= CrashModel.allCases.count
        let image: SimulatedDisk
        if model < CrashModel.allCases.count {
            noteModel(CrashModel.allCases[model], disk)
            narrator?("  power cut \(level + 1) deep: \(CrashModel.allCases[model])")
            image = disk.crashed(CrashModel.allCases[model], chance: chance)
        } else if model > CrashModel.allCases.count, let call, call.isSegmentWrite, level == 0 {
            report.situations.note(.killedInFailedSync)
            narrator?("  kill \(level + 1) deep, while the sync of \(call.file) fails")
            image = disk.killed(losingPagesOf: call.file)
        } else {
            report.situations.note(.killedProcess)
            narrator?("  kill \(level + 1) deep")
            image = disk.killed()
        }
        // Full disks are met on the main line; a restart finds space.
        image.capacity = .max
        if options.damageRarity > 0, chance.happens(1, in: options.damageRarity), isCreated {
            try damage(image, promised, chance)
            return
        }
        if explorer.nests(level, chance, rarity: options.nestingRarity) {
            watchRecovery(of: image, promised, level: level + 1)
        }
        if chance.happens(1, in: 8) { try failReads(of: image, promised, chance) }
        let opened = try recover(image, mayBeAbsent: !isCreated)
        image.observer = nil
        let count = try judge(image, opened, promised)
        note(opened.recovery, of: promised, count: count, on: image)
        // What a killed process left in memory only is lost by the next power cut.
        if isKilled || chance.happens(1, in: 4) { try goOn(image, opened, promised, count, chance) }
    }

    /// A read that fails is an error and never the end of the data; one that is wrong once and right
    /// the second time is survived.
    private func failReads(of image: SimulatedDisk, _ promised: Lineage, _ chance: Chance)
        throws(Violation)
    {
        guard isCreated else { return }
        let copy = image.killed()
        var left = chance.below(12)
        let isGlitch = chance.happens(1, in: 2)
        let bit = chance.below(2_048)
        var hit = false
        copy.injector = { call in
            // What a glitch hits must be read twice by whoever checks it: frames, not files.
            let isFrame = LogFileName.segmentNumber(of: call.file) != nil && call.byteOffset >= 4096
            guard call.kind == .read, !isGlitch || isFrame, !hit else { return nil }
            guard left == 0 else {
                left -= 1
                return nil
            }
            hit = true
            return DiskFault(isGlitch ? .glitch(bit: bit) : .error(errno: EIO))
        }
        if isGlitch {
            let opened: OpenedLog
            do throws(EventLogError) {
                opened = try openLog(on: copy)
            } catch {
                // Stopping and asking to be opened again is honest; calling it damage is not.
                guard hit, error.code == .io else {
                    throw Violation(.falseRefusal, "one wrong read is called \(error)")
                }
                copy.injector = nil
                let again = copy.killed()
                _ = try judge(again, try recover(again, mayBeAbsent: false), promised)
                return
            }
            copy.injector = nil
            _ = try judge(copy, opened, promised)
            if hit { report.situations.note(.glitch) }
            return
        }
        do throws(EventLogError) {
            _ = try openLog(on: copy)
        } catch {
            guard hit, error.code == .io else {
                throw Violation(.unexpected, "EIO on a read gives \(error)")
            }
            report.situations.note(.readError)
            return
        }
        guard !hit else { throw Violation(.silentDamage, "EIO on a read was passed over") }
    }

    private func watchRecovery(of image: SimulatedDisk, _ promised: Lineage, level: Int) {
        image.observer = { [unowned self, unowned image] call, moment in
            guard moment == .after, call.kind.changesDisk else { return }
            narrator?("  \(call)")
            explorer.visit(level: level, forks: 1) { chance throws(Violation) in
                try fork(image, promised, after: call, level: level, chance)
            }
        }
    }

    /// Appends to the recovered log, or does nothing, loses the power once more, and judges again: what was shown after
    /// a recovery is a promise like any other.
    private func goOn(
        _ image: SimulatedDisk, _ opened: OpenedLog, _ promised: Lineage, _ count: Int,
        _ chance: Chance
    ) throws(Violation) {
        var after = promised
        after.settle(count: count)
        if !chance.happens(1, in: 3) { try append(opened, &after, count, chance) }
        if chance.happens(1, in: 2) {
            do throws(EventLogError) {
                try opened.committer.close()
            } catch {
                throw Violation(.unexpected, "a recovered log cannot be closed: \(error)")
            }
            try verify(image)
        }
        let end = image.crashed(chance.pick(CrashModel.allCases), chance: chance)
        _ = try judge(end, try recover(end, mayBeAbsent: false), after)
    }

    private func append(
        _ opened: OpenedLog, _ after: inout Lineage, _ count: Int, _ chance: Chance
    ) throws(Violation) {
        let batch = SentBatch(serial: (1 << 40) + count, shape: chance.below(64), options: options)
        do throws(EventLogError) {
            _ = try opened.writer.stage(batch.proposed)
            if let group = opened.writer.closeGroup() { _ = try opened.committer.commit(group) }
        } catch {
            throw Violation(.unexpected, "a recovered log does not take a batch: \(error)")
        }
        after.sent.append(batch)
        after.submitted = after.sent.count
        after.acknowledged = after.sent.count
    }

    /// Reads the recovered files with the oracle's own reader and holds them against the promises, and
    /// the log's own idea of them against the oracle's.
    ///
    /// - Returns: how many batches there are.
    func judge(_ disk: SimulatedDisk, _ opened: OpenedLog, _ promised: Lineage)
        throws(Violation) -> Int
    {
        let naive = try naive(disk)
        try promised.check(naive)
        let head = opened.reader.head
        let tree = opened.committer.merkleTree
        guard head.chain.withUnsafeBytes(NaiveDigest.init) == naive.chain,
            head.batchNumber == UInt64(naive.batches.count),
            tree.size == UInt64(naive.batches.count),
            tree.root.withUnsafeBytes(NaiveDigest.init) == naive.merkleRoot
        else {
            throw Violation(.malformed, "head, chain or Merkle root are not those of the files")
        }
        if naive.segmentCount >= 3 { report.situations.note(.severalSegments) }
        return naive.batches.count
    }

    func naive(_ disk: SimulatedDisk) throws(Violation) -> NaiveLog {
        do throws(NaiveDefect) {
            return try oracle.read(names: disk.fileNames, content: disk.bytes)
        } catch {
            throw Violation(.malformed, "\(error)")
        }
    }
}

// MARK: - Rare situations

extension LogWorld {
    func note(
        _ recovery: RecoveryReport, of promised: Lineage, count: Int, on disk: SimulatedDisk
    ) {
        func note(_ situation: LogSituation, _ holds: Bool) {
            if holds { report.situations.note(situation) }
        }
        note(.promotedFrames, recovery.rewrittenByteCount > 0)
        note(.quarantined, recovery.quarantined != nil)
        if let residue = recovery.quarantined {
            note(.discardedWholeFrame, holdsWholeFrame(disk.bytes(residue.file)))
        }
        note(.finishedRotation, recovery.finishedRotation)
        note(.continuedAfterFailure, recovery.continuedAfterFailure)
        note(
            .survivorsCommittedAgain,
            recovery.continuedAfterFailure && count > promised.acknowledged)
        note(.restoredMarkSlot, recovery.restoredMarkSlot)
        note(.removedSpare, !recovery.removedFiles.isEmpty)
        note(.vanishedBatch, count < promised.submitted)
        note(.survivingBatch, count > promised.acknowledged)
    }

    /// Whether bytes that were put into quarantine hold a frame that is right in itself.
    private func holdsWholeFrame(_ residue: [UInt8]) -> Bool {
        residue.withUnsafeBytes { bytes in
            stride(from: 0, to: max(bytes.count - 128, 0), by: 8).contains { start in
                guard bytes[start...].starts(with: [0xF5, 0x44, 0x42, 0x46]),
                    let header = try? NaiveBytes(bytes: bytes).slice(start, 128),
                    let covered = try? header.slice(0, 124), header.u32(124) == covered.crc,
                    let payload = try? NaiveBytes(bytes: bytes).slice(
                        start + 128, Int(header.u32(8)))
                else { return false }
                return payload.crc == header.u32(60)
            }
        }
    }

    private func noteModel(_ model: CrashModel, _ disk: SimulatedDisk) {
        switch model {
        case .nothing: report.situations.note(.nothingSurvived)
        case .namesBeforeData: report.situations.note(.namesWithoutData)
        case .anySubsetTorn: report.situations.note(.tornSector)
        default: break
        }
    }

    private func noteMoment(_ call: StorageCall?, on disk: SimulatedDisk, level: Int) {
        if !isCreated { report.situations.note(.crashWhileCreating) }
        switch level {
        case 0: break
        case 1: report.situations.note(.crashInRecovery)
        case 2: report.situations.note(.crashInRecoveryTwice)
        default: report.situations.note(.crashInRecoveryThrice)
        }
        guard let call else { return }
        if call.kind == .write, LogFileName.segmentNumber(of: call.file) != nil {
            let kindOffset = Int(call.byteOffset) + 4
            let bytes = disk.bytes(call.file)
            isSealing =
                kindOffset < bytes.count && bytes[kindOffset] == 2
        }
        guard let situation = LogSituation(after: call, isSealing: isSealing, level: level)
        else { return }
        report.situations.note(situation)
    }
}

extension StorageCall {
    private var isOfSegment: Bool { LogFileName.segmentNumber(of: file) != nil }

    /// Whether bytes of a segment that has its name were written.
    fileprivate var isSegmentWrite: Bool { kind == .write && isOfSegment }

    /// Whether the most different things can be left of it: it deserves more crashes than others.
    var isDelicate: Bool {
        kind == .rename || (kind == .write || kind == .truncate) && isOfSegment
    }
}

extension LogSituation {
    /// What a crash right after this call interrupts.
    init?(after call: StorageCall, isSealing: Bool, level: Int) {
        let isSegment = LogFileName.segmentNumber(of: call.file) != nil
        switch call.file {
        case LogFileName.mark:
            switch call.kind {
            case .write: self = .crashAfterMarkWrite
            case .sync: self = .crashAfterMarkSync
            default: return nil
            }
        case LogFileName.spare:
            switch call.kind {
            case .create: self = .crashAfterSpareCreated
            case .allocate: self = .crashAfterSpareAllocated
            case .syncAll: self = .crashAfterSpareFilled
            case .sync: self = .crashBetweenHeaderAndRename
            case .rename: self = .crashBetweenRenameAndDirectory
            default: return nil
            }
        case ".":
            self = .crashAfterDirectorySync
        default:
            switch (isSegment, call.kind) {
            case (true, .write) where isSealing: self = .crashAfterSealWrite
            case (true, .sync) where isSealing: self = .crashAfterSealSync
            case (true, .write) where level > 0: self = .crashWhileClearing
            case (true, .write): self = .crashAfterGroupWrite
            case (true, .sync): self = .crashAfterGroupSync
            case (true, .truncate): self = .crashAfterCut
            case (true, .makeReadOnly): self = .crashAfterReadOnly
            case (true, .syncAll): self = .crashBetweenSealAndHeader
            case (false, _) where call.file.hasPrefix(LogFileName.quarantine):
                self = .crashWhileQuarantining
            default: return nil
            }
        }
    }
}
