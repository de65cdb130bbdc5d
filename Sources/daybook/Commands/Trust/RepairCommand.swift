import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import Glibc

/// `daybook repair`
struct RepairCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Put a damaged log right, as far as that can be proven.",
        discussion: """
            daybook repair --dry-run
            daybook repair
            daybook repair --accept-loss --confirm=12 --reason 'disk failed, no backup'

            A single flipped bit is found by its checksum and proven by the hash chain; seals, indexes \
            and trailers are built anew from the frames. The damaged file is kept in log/quarantine, \
            the repair is recorded in the log. Nothing else is changed: what is not proven stays as it \
            is and is named with its exact range. Where only a checksum speaks for a repair, it asks.

            --accept-loss gives up events at the end of the log that cannot be repaired. It needs the \
            exact number of positions, as --dry-run prints it, and a reason; both are recorded in the \
            log with the operator's name. Lost positions are never used again.

            Exit code 0: nothing wrong, or all repaired; 3: --dry-run found what can be repaired; 65: \
            damage that cannot be repaired remains.
            """)

    @Flag(help: "Say what would be done, and change nothing.")
    var dryRun = false

    @Flag(help: "Give up what is lost at the end of the log.")
    var acceptLoss = false

    @Option(help: ArgumentHelp("How many positions are given up.", valueName: "count"))
    var confirm: UInt64?

    @Option(help: ArgumentHelp("Why; recorded in the log.", valueName: "text"))
    var reason: String?

    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp(
            "Who decides; recorded in the log (default: the user's name).", valueName: "name"))
    var operatorName: String?

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    /// Longer texts belong into a ticket.
    private static let textByteCount = 512

    func validate() throws {
        if acceptLoss, !dryRun {
            guard confirm != nil, let reason, !reason.isEmpty else {
                throw ValidationError(
                    "--accept-loss needs --confirm=COUNT, as --dry-run prints it, and --reason TEXT."
                )
            }
        } else if !acceptLoss, confirm != nil {
            throw ValidationError("--confirm belongs to --accept-loss.")
        }
        for text in [reason, operatorName].compactMap({ $0 })
        where text.utf8.count > RepairCommand.textByteCount {
            throw ValidationError("--reason and --operator have at most 512 bytes each.")
        }
    }

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        let storage = try FileStorage(path: store.layout.log, readOnly: dryRun)
        output.note("reading every byte of \(store.layout.log)")
        let evidence = try store.layout.recoveryEvidence(on: storage)
        let plan = try RepairPlan.make(storage: storage, hash: .sha256, evidence: evidence)
        try Interruption.process.check()
        let report = RepairReport(store: store, output: output)
        if dryRun { return report.tell(plan) }
        let configuration = global.configuration(directory: store.directory)
        let repair = LogRepair(
            storage: storage, options: configuration.logOptions, hash: .sha256,
            clock: configuration.clock, evidence: evidence)
        return report.tell(try repair.run(try decide(plan)))
    }

    private func decide(_ plan: RepairPlan) throws -> LogRepair.Decision {
        var decision = LogRepair.Decision(
            operatorName: operatorName ?? RepairCommand.userName,
            reason: reason ?? "proven by checksum and hash chain")
        if !plan.undecided.isEmpty {
            try confirmation.ask(
                "\(plan.undecided.count) of the repairs are supported by a checksum only, not by the "
                    + "hash chain: make them too?")
            decision.trustsChecksums = true
        }
        guard acceptLoss, let confirm else { return decision }
        if let obstacle = plan.lossObstacle {
            throw Failure(
                .damaged, code: "loss_not_acceptable", "the loss cannot be accepted: \(obstacle)",
                details: plan.refused.first.map(Record.init) ?? [:])
        }
        if let loss = plan.loss {
            guard loss.positionCount == confirm else {
                throw Failure.usage(
                    "\(loss.positionCount) positions would be lost, not \(confirm); nothing was "
                        + "changed", details: ["positions": .of(loss.positionCount)],
                    wayOut: ["daybook repair --dry-run\(store.argument)"])
            }
            decision.acceptedPositionCount = confirm
        }
        return decision
    }

    private static var userName: String {
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
            return "uid-\(getuid())"
        }
        return String(cString: name)
    }
}
