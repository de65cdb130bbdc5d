import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookProjections

/// `daybook order list`
struct OrderList: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Orders, newest first.",
        discussion: """
            daybook order list --limit 5
            daybook order list --user usr_01… --status paid --status processing

            The summary of --json has next: give it as --after for the next page.
            """)

    @Option(help: "Only of this user (usr_…).")
    var user: UserID?

    @Option(name: .long, parsing: .singleValue, help: "Only in this status; repeated: any of them.")
    var status: [OrderStatus] = []

    @Option(help: "At most so many, 0 to 100.")
    var limit = 20

    @Option(help: "Go on behind this cursor.")
    var after: OrderCursorArgument?

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    private static let columns = [
        "order_number", "order_id", "status", "item_count", "unit_count", "payable", "created_at",
    ]

    mutating func perform(_ output: Output) async throws -> Outcome {
        let questions = try Questions(store, asOf: past.asOf, output)
        let statuses = status.isEmpty ? nil : status
        let next: OrderCursor?
        let position: LogPosition
        if let user {
            let answer = try await questions.models.userOrders(
                user: user, statuses: statuses, limit: limit, after: after?.cursor, asOf: past.asOf)
            for order in answer.value.items {
                try questions.row("order", order, columns: OrderList.columns)
            }
            (next, position) = (answer.value.next, answer.position)
        } else {
            let answer = try await questions.models.orders(
                statuses: statuses, limit: limit, after: after?.cursor, asOf: past.asOf)
            for order in answer.value.items {
                try questions.row("order", order, columns: OrderList.columns)
            }
            (next, position) = (answer.value.next, answer.position)
        }
        return try questions.outcome(
            at: position, ["next": .of(next)],
            next: next.map {
                [
                    "daybook order list --after '\($0)'\(user.map { " --user \($0)" } ?? "")"
                        + status.map { " --status \($0.rawValue)" }.joined() + " --limit \(limit)"
                        + "\(past.argument)\(store.argument)"
                ]
            } ?? [])
    }
}

/// A place in a list, as an earlier page gave it.
struct OrderCursorArgument: ExpressibleByArgument {
    var cursor: OrderCursor

    init?(argument: String) {
        guard let cursor = OrderCursor(argument) else { return nil }
        self.cursor = cursor
    }
}
