import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookProjections

/// `daybook payment list`
struct PaymentList: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Payments whose outcome nobody knows yet.",
        discussion: "daybook payment list")

    @Option(help: "Only those that have waited for so many seconds.")
    var olderThan: Int64 = 0

    @Option(help: "At most so many, 0 to 100.")
    var limit = 100

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let now = global.configuration(directory: store.directory).clock()
        // The question is for earlier instants only; a payment of this very moment counts too.
        let limitInstant = Instant(
            microseconds: now.advanced(bySeconds: -olderThan).microseconds + 1)
        let answer = try await questions.models.paymentsInFlight(
            olderThan: limitInstant, limit: limit, asOf: past.asOf)
        for payment in answer.value {
            try questions.row(
                "payment", payment,
                columns: ["payment_id", "order_id", "attempt", "call", "state", "since"])
        }
        return try questions.outcome(
            at: answer.position,
            next: answer.value.isEmpty ? [] : ["daybook payment reconcile\(store.argument)"])
    }
}
