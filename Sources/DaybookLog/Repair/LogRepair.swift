package import DaybookCore

/// Puts a damaged log right: what is proven by itself, what is lost only when an operator gives it up.
package struct LogRepair {
    let storage: any Storage
    let options: EventLogOptions
    let hash: HashFunction
    let clock: @Sendable () -> Instant
    let evidence: [RecoveryEvidence]

    package init(
        storage: any Storage, options: EventLogOptions = EventLogOptions(), hash: HashFunction,
        clock: @escaping @Sendable () -> Instant, evidence: [RecoveryEvidence] = []
    ) {
        self.storage = storage
        self.options = options
        self.hash = hash
        self.clock = clock
        self.evidence = evidence
    }

    /// Who decided, and what.
    package struct Decision: Sendable {
        package var operatorName: String
        package var reason: String
        /// Repairs also what only a checksum speaks for.
        package var trustsChecksums = false
        /// Gives up exactly so many positions; `nil`: none.
        package var acceptedPositionCount: UInt64?

        package init(operatorName: String, reason: String) {
            self.operatorName = operatorName
            self.reason = reason
        }
    }

    /// What became of it.
    package struct Outcome: Sendable {
        package var plan: RepairPlan
        /// Where the damaged originals are kept.
        package var originals: [String] = []
        /// What was given up.
        package var acceptedLoss: PlannedLoss?
        /// The note in the log; `nil` while the log cannot be opened for what is still damaged. The
        /// next open that succeeds records it.
        package var note: LogNote?
        package var recovery: RecoveryReport?
    }

    /// Makes the proven repairs, and gives up what the decision says; nothing else.
    ///
    /// Corrected files and copies of the originals are synced, then the journal, and only then takes
    /// a corrected file the damaged one's name, by a rename: a crash leaves the old or the new file,
    /// and the next start goes on. Damaged originals stay in `quarantine/`.
    ///
    /// - Throws: `.locked`; `.damaged` when the accepted count is not the one that would be lost
    ///   (nothing was changed); `.noSpace`, `.io`.
    package func run(_ decision: Decision) throws(EventLogError) -> Outcome {
        let lock = try storage.lock()
        do throws(EventLogError) {
            let outcome = try run(decision, lock)
            if outcome.recovery == nil { lock.release() }
            return outcome
        } catch {
            lock.release()
            throw error
        }
    }

    private func run(_ decision: Decision, _ lock: any StorageLock) throws(EventLogError) -> Outcome
    {
        let pending = try RepairJournal.read(from: storage)
        try pending?.finishSwaps(in: storage)
        try removeLeftovers()
        let givenUp = pending?.lossEnd?.nextPosition ?? .start
        let plan = try RepairPlan.make(
            storage: storage, hash: hash, evidence: evidence.filter { $0.position >= givenUp },
            trustsChecksums: decision.trustsChecksums)
        var outcome = Outcome(plan: plan)
        var files: [String: [UInt8]?] = plan.corrected.mapValues { $0 }
        if let accepted = decision.acceptedPositionCount {
            let loss = try confirmedLoss(plan, accepted)
            files.merge(loss.files) { _, new in new }
            outcome.acceptedLoss = loss
        }
        guard !files.isEmpty || plan.hasWork else { return outcome }
        var recorded = pending?.note
        if !files.isEmpty {
            var journal = pending ?? RepairJournal()
            let originals = try keepOriginals(of: files.keys.sorted())
            outcome.originals = originals.values.sorted()
            journal.swaps = try writeCorrected(files)
            add(decision, plan, outcome.acceptedLoss, originals, to: &journal)
            recorded = journal.note
            try journal.write(to: storage)
            try journal.finishSwaps(in: storage)
        }
        do throws(EventLogError) {
            let opened = try LogRecovery(
                storage: storage, options: options, hash: hash, clock: clock, evidence: evidence
            ).open(lock)
            outcome.recovery = opened.recovery
            outcome.note = recorded
            try opened.committer.close()
        } catch {
            // The proven repairs are made; what else is damaged still keeps the log closed.
            guard error.code == .damaged, !outcome.plan.refused.isEmpty else { throw error }
        }
        return outcome
    }

    private func confirmedLoss(_ plan: RepairPlan, _ accepted: UInt64) throws(EventLogError)
        -> PlannedLoss
    {
        guard let loss = plan.loss else {
            throw EventLogError(
                .damaged,
                plan.lossObstacle.map { "the loss cannot be accepted: \($0)" }
                    ?? "nothing has to be given up; nothing was changed")
        }
        guard loss.positionCount == accepted else {
            throw EventLogError(
                .damaged,
                "\(loss.positionCount) positions would be lost, not \(accepted); nothing was "
                    + "changed", file: loss.file, byteOffset: loss.byteRange.lowerBound)
        }
        return loss
    }

    private func removeLeftovers() throws(EventLogError) {
        for name in try storage.list()
        where LogFileName.isLeftover(name) && name != LogFileName.spare {
            try storage.unlink(name)
        }
    }
}

// MARK: - Files

extension LogRepair {
    /// Copies the damaged files to `quarantine/`, under names that say their content.
    private func keepOriginals(of names: [String]) throws(EventLogError) -> [String: String] {
        try storage.createFolder(LogFileName.quarantine)
        let there = try storage.list()
        var originals: [String: String] = [:]
        for name in names where there.contains(name) {
            let source = try storage.open(name, .read)
            let bytes = try source.bytes(at: 0, count: Int(try source.byteCount()))
            let digest = bytes.withUnsafeBytes { hash.digest($0) }
            let copy =
                "\(LogFileName.quarantine)/\(name)-\(String(digest.description.prefix(16))).damaged"
            originals[name] = copy
            // Also over what an earlier attempt left: its sync may have failed, which nothing tells later.
            let file = try storage.open(copy, .replace)
            try file.writeAll(bytes, at: 0)
            try file.syncAll()
            file.close()
        }
        try storage.syncDirectory(folder: LogFileName.quarantine)
        try storage.syncDirectory(folder: nil)
        return originals
    }

    /// Writes the corrected files beside the damaged ones, durable, sealed ones read-only.
    private func writeCorrected(_ files: [String: [UInt8]?]) throws(EventLogError)
        -> [RepairJournal.Swap]
    {
        var swaps: [RepairJournal.Swap] = []
        // The mark last: while it is the old one, a half-done change shows as damage, not as an end.
        let names = files.keys.sorted {
            ($0 == LogFileName.mark ? 1 : 0, $0) < ($1 == LogFileName.mark ? 1 : 0, $1)
        }
        for name in names {
            guard let bytes = files[name] ?? nil else {
                swaps.append(RepairJournal.Swap(corrected: "", name: name))
                continue
            }
            let corrected = name + LogFileName.repairedSuffix
            let file = try storage.open(corrected, .replace)
            try file.writeAll(bytes, at: 0)
            if LogRepair.endsInTrailer(bytes) { try file.makeReadOnly() }
            try file.syncAll()
            file.close()
            swaps.append(RepairJournal.Swap(corrected: corrected, name: name))
        }
        try storage.syncDirectory(folder: nil)
        return swaps
    }

    private static func endsInTrailer(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            let start = bytes.count - SegmentTrailer.byteCount
            return start >= SegmentHeader.byteCount
                && SegmentTrailer(
                    decoding: bytes.slice(start, SegmentTrailer.byteCount),
                    fileByteCount: UInt64(bytes.count)) != nil
        }
    }

    private func add(
        _ decision: Decision, _ plan: RepairPlan, _ loss: PlannedLoss?,
        _ originals: [String: String], to journal: inout RepairJournal
    ) {
        journal.note.operatorName = decision.operatorName
        journal.note.reason = decision.reason
        journal.note.decidedAt = clock()
        for finding in plan.repairable {
            guard let repair = finding.repair else { continue }
            journal.note.repairs.append(
                LogNote.Repair(
                    file: finding.file, byteRange: repair.byteRange, bit: repair.flippedBit?.bit,
                    proof: repair.proof.rawValue, original: originals[finding.file] ?? ""))
        }
        guard let loss else { return }
        journal.note.losses.append(
            LogNote.Loss(
                file: loss.file, byteRange: loss.byteRange, firstPosition: loss.firstPosition,
                positionCount: loss.positionCount, firstBatchNumber: loss.firstBatchNumber,
                batchCount: loss.batchCount, evidence: loss.evidence,
                original: originals[loss.file] ?? ""))
        journal.lossEnd = RepairJournal.LossEnd(
            nextPosition: loss.firstPosition.advanced(by: Int(loss.positionCount)),
            nextBatchNumber: loss.firstBatchNumber + loss.batchCount)
    }
}
