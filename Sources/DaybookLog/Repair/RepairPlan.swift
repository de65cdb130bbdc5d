package import DaybookCore

/// What a repair would do, and what it would not: made by reading only.
package struct RepairPlan: Sendable {
    /// The log as it was found.
    package var found: VerificationReport
    /// Damage with a proven repair.
    package var repairable: [DamageFinding] = []
    /// Damage whose only evidence is a checksum: repaired when a person says so.
    package var undecided: [DamageFinding] = []
    /// What the next start puts right by itself: a torn write, one slot of the mark.
    package var selfHealing: [DamageFinding] = []
    /// Damage that cannot be repaired, as it shows once the repairs are made.
    package var refused: [DamageFinding] = []
    /// What giving up would cost; `nil` when nothing must be given up, or when that is no way.
    package var loss: PlannedLoss?
    /// Why there is no loss to accept although something is refused.
    package var lossObstacle: String?
    /// A repair that was interrupted; the next open for writing completes it.
    package var isInterrupted = false
    /// Whole corrected files, by name.
    var corrected: [String: [UInt8]] = [:]

    /// Whether the repair writes anything.
    package var hasWork: Bool { !corrected.isEmpty || !selfHealing.isEmpty || isInterrupted }
}

extension RepairPlan {
    /// Reads the whole log and plans.
    ///
    /// - Parameters:
    ///   - evidence: what consumers know; it may prove that events are missing.
    ///   - trustsChecksums: repairs also what only a checksum speaks for.
    /// - Throws: `.notFound`, or `.io` when a file cannot be read at all.
    /// - Complexity: O(bytes), twice when something is damaged; damaged segments in memory.
    package static func make(
        storage: any Storage, hash: HashFunction, evidence: [RecoveryEvidence] = [],
        trustsChecksums: Bool = false
    ) throws(EventLogError) -> RepairPlan {
        let names = try storage.list()
        var plan = RepairPlan(found: try LogVerifier.verify(storage: storage, hash: hash))
        plan.isInterrupted = names.contains(LogFileName.repair)
        var report = plan.found
        // A repair can uncover the next place, at most once a frame of a segment; far fewer rounds
        // than this are ever needed.
        for _ in 0..<16 {
            let proven = report.findings.filter { finding in
                guard let repair = finding.repair else { return false }
                return trustsChecksums || !repair.needsDecision
            }
            guard !proven.isEmpty else { break }
            try plan.take(proven, from: storage)
            let overlay = OverlayStorage(storage, replacing: plan.corrected)
            report = try LogVerifier.verify(storage: overlay, hash: hash)
        }
        plan.undecided = report.findings.filter { $0.repair != nil }
        let rest = report.findings.filter { $0.repair == nil }
        let overlay = OverlayStorage(storage, replacing: plan.corrected)
        let hasMark = try plan.hasMark(overlay)
        plan.selfHealing = rest.filter { $0.kind == .torn || hasMark && $0.isMarkSlot }
        plan.refused = rest.filter { $0.kind != .torn && !(hasMark && $0.isMarkSlot) }
        try plan.planLoss(overlay, hash, evidence)
        return plan
    }

    private mutating func take(_ proven: [DamageFinding], from storage: any Storage)
        throws(EventLogError)
    {
        for finding in proven {
            guard let repair = finding.repair else { continue }
            if corrected[finding.file] == nil {
                let file = try storage.open(finding.file, .read)
                corrected[finding.file] = try file.bytes(
                    at: 0, count: Int(try file.byteCount()))
            }
            corrected[finding.file]?.withRepair(repair)
        }
        repairable += proven
    }

    private func hasMark(_ storage: any Storage) throws(EventLogError) -> Bool {
        guard try storage.list().contains(LogFileName.mark) else { return false }
        return try MarkFile.content(of: storage.open(LogFileName.mark, .read)).newest != nil
    }

    private mutating func planLoss(
        _ storage: any Storage, _ hash: HashFunction, _ evidence: [RecoveryEvidence]
    ) throws(EventLogError) {
        let survey = try LossSurvey(storage: storage, hash: hash)
        let isOlder = evidence.contains { $0.position > survey.head }
        guard !refused.isEmpty || isOlder else { return }
        do throws(LossObstacle) {
            loss = try survey.plan(refused: refused, evidence: evidence)
        } catch {
            lossObstacle = error.reason
        }
        guard isOlder, refused.isEmpty else { return }
        // Nothing is damaged, yet somebody knows more than the log.
        for item in evidence where item.position > survey.head {
            refused.append(
                DamageFinding(
                    kind: .missing, file: survey.lastName, segment: survey.lastNumber,
                    byteRange: 0..<0, expectedBatch: survey.expectation?.batchNumber,
                    positions: survey.head.advanced(by: 1)...item.position,
                    evidence: "log-is-older-than-\(item.name)@\(item.position)"))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func withRepair(_ repair: ProposedRepair) { repair.apply(to: &self) }
}

extension DamageFinding {
    /// One damaged slot of the mark; harmless while the other one is right.
    var isMarkSlot: Bool { file == LogFileName.mark && evidence == "mark-slot-checksum" }
}
