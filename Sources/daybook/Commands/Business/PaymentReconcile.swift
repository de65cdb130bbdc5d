import ArgumentParser
import DaybookEngine

/// `daybook payment reconcile`
struct PaymentReconcile: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Ask the bank about every unknown outcome and take in its messages.",
        discussion: "daybook payment reconcile")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let session = StoreSession(options: engine, global: global, output: output)
        let report = try await session.run { try await $0.reconcilePayments() }
        return .shown([
            "calls": .of(report.performed), "still_unknown": .of(report.unknown),
            "messages": .of(report.messages), "mails_sent": .of(report.mailsSent),
            "mails_failed": .of(report.mailsFailed),
        ])
    }
}
