import DaybookCore
import DaybookEngine
import DaybookLog

/// Tells what a repair would do, or did.
struct RepairReport {
    let store: StoreOptions
    let output: Output

    /// What would be done.
    func tell(_ plan: RepairPlan) -> Outcome {
        list(plan, made: false, refusedAre: .findings)
        if plan.isInterrupted {
            output.note("an interrupted repair is pending; the next start for writing completes it")
        }
        var summary = counts(plan)
        summary.append("dry_run", true)
        if let loss = plan.loss {
            output.record("loss", record(loss))
            summary.append("lost_positions", .of(loss.positionCount))
        }
        var outcome = Outcome.shown(summary)
        if !plan.refused.isEmpty {
            outcome.failure = refusal(plan, "nothing was changed")
        } else if !plan.repairable.isEmpty || !plan.undecided.isEmpty {
            outcome.failure = Failure(
                .findings, code: "repairable", "the log is damaged and can be repaired",
                wayOut: ["daybook repair\(store.argument)"])
        }
        return outcome
    }

    /// What was done.
    func tell(_ done: LogRepair.Outcome) -> Outcome {
        list(done.plan, made: true, refusedAre: done.acceptedLoss == nil ? .findings : .givenUp)
        for original in done.originals {
            output.note("the damaged original is kept as \(store.layout.log)/\(original)")
        }
        if let recovery = done.recovery { output.note(recovery.description) }
        var summary = counts(done.plan)
        summary.append("recorded", .flag(done.note != nil))
        if let loss = done.acceptedLoss {
            output.record("loss", record(loss))
            summary.append("lost_positions", .of(loss.positionCount))
        }
        var outcome = Outcome.shown(summary, next: ["daybook verify\(store.argument)"])
        if !done.plan.refused.isEmpty, done.acceptedLoss == nil {
            outcome.failure = refusal(done.plan, "it was left as it is")
        }
        return outcome
    }

    private enum Refused { case findings, givenUp }

    private func list(_ plan: RepairPlan, made: Bool, refusedAre refused: Refused) {
        for finding in plan.repairable {
            output.record("repair", record(finding, made ? "repaired" : "repairable"))
        }
        for finding in plan.undecided {
            output.record("repair", record(finding, "checksum only: needs --yes"))
        }
        for finding in plan.selfHealing {
            output.note(
                "\(finding): " + (made ? "cleared" : "nothing is lost; the next start clears it"))
        }
        output.flush()
        for finding in plan.refused {
            guard refused == .findings else {
                output.note("\(finding): given up")
                continue
            }
            output.finding(code: "log_corrupt", finding.description, Record(finding))
        }
    }

    private func record(_ finding: DamageFinding, _ state: String) -> Record {
        guard let repair = finding.repair else { return Record(finding) }
        var record: Record = [
            "state": .text(state), "file": .text(finding.file),
            "segment": finding.segment.map { .of($0) } ?? .none,
            "first_byte": .of(repair.byteRange.lowerBound),
            "end_byte": .of(repair.byteRange.upperBound),
            "bit": repair.flippedBit.map { .of($0.bit) } ?? .none,
            "proof": .text(repair.proof.rawValue), "evidence": .text(finding.evidence),
        ]
        if output.settings.format != .text {
            record.append("old", .texts(repair.replacements.map { hex($0.old) }))
            record.append("new", .texts(repair.replacements.map { hex($0.new) }))
        }
        return record
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func record(_ loss: PlannedLoss) -> Record {
        [
            "file": .text(loss.file), "segment": .of(loss.segment),
            "first_byte": .of(loss.byteRange.lowerBound),
            "end_byte": .of(loss.byteRange.upperBound),
            "positions": .of(loss.positionCount), "first_position": .of(loss.firstPosition),
            "last_position": loss.positionCount == 0
                ? .none : .of(loss.firstPosition.advanced(by: Int(loss.positionCount) - 1)),
            "first_batch": .of(loss.firstBatchNumber),
            "batches": .of(loss.batchCount), "evidence": .text(loss.evidence),
        ]
    }

    private func counts(_ plan: RepairPlan) -> Record {
        [
            "repairs": .of(plan.repairable.count), "undecided": .of(plan.undecided.count),
            "not_repairable": .of(plan.refused.count),
        ]
    }

    private func refusal(_ plan: RepairPlan, _ what: String) -> Failure {
        var ways: [String] = []
        if let loss = plan.loss {
            ways.append(
                "daybook repair --accept-loss --confirm=\(loss.positionCount) --reason TEXT"
                    + store.argument)
        }
        ways.append("restore \(store.layout.log) from a backup")
        let why = plan.lossObstacle.map { " (\($0))" } ?? ""
        return Failure(
            .damaged, code: "log_corrupt",
            "\(plan.refused.count) damaged places cannot be repaired; \(what)\(why)",
            details: plan.refused.first.map(Record.init) ?? [:], wayOut: ways)
    }
}
