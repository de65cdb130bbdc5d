import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook payment`
struct PaymentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payment", abstract: "Reserved money, unknown outcomes, the bank's messages.",
        discussion: """
            daybook payment list
            daybook payment reconcile
            """,
        subcommands: [
            PaymentCapture.self, PaymentVoid.self, PaymentReconcile.self, PaymentIngest.self,
            PaymentList.self,
        ])
}

/// `daybook payment capture`
struct PaymentCapture: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Take reserved money, all of it or part of it.",
        discussion: "daybook payment capture pay_01… --amount '5.10 GBP'")

    @Argument(help: "The payment (pay_…).")
    var payment: PaymentID

    @Option(
        name: .long, parsing: .unconditional, help: "How much; without it everything that is left.")
    var amount: Money?

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .capturePayment(CapturePayment(payment: payment, amount: amount))
    }
}

/// `daybook payment void`
struct PaymentVoid: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "void", abstract: "Give a reservation back of which nothing was taken.",
        discussion: "daybook payment void pay_01…")

    @Argument(help: "The payment (pay_…).")
    var payment: PaymentID

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command { .voidPayment(VoidPayment(payment: payment)) }
}
