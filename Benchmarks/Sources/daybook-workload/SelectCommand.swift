import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookProjections
import Workload

/// `daybook-workload select`: goal 10.
struct SelectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "select",
        abstract: "Asks for random orders and dashboards; the same as limit-select does.")

    @OptionGroup var store: StoreArgument

    @Option(help: "Questions of each kind; a tenth as many go before.")
    var questions = 20_000

    @Option(help: "The seed of the choice.")
    var seed: UInt64 = 1

    @Option(help: "Writes the figures to this file, too.")
    var json: String?

    mutating func validate() throws {
        guard questions > 0 else { throw ValidationError("--questions must be at least 1") }
        try checkFolder(ofFile: json)
    }

    mutating func run() async throws {
        let models = try DaybookReader.open(directory: store.directory).readModels
        let chosen = try await RandomOrders(models, count: questions, seed: seed)
        let orders = try await time(chosen.orders) { order in
            let answer = try await models.order(orderID: order.orderID)
            guard answer.value.order.lines.count == order.itemCount else {
                throw WorkloadStore.Failure("order \(order.orderID) has lost lines")
            }
        }
        let dashboards = try await time(chosen.orders) { order in
            let answer = try await models.dashboard(user: order.userID)
            guard !answer.value.recentProducts.isEmpty else {
                throw WorkloadStore.Failure("user \(order.userID) has an empty dashboard")
            }
        }
        var figures = Figures(mode: "select")
        figures.add("order_p50_us", orders.microseconds(at: 0.5))
        figures.add("order_p99_us", orders.microseconds(at: 0.99))
        figures.add("dashboard_p50_us", dashboards.microseconds(at: 0.5))
        figures.add("dashboard_p99_us", dashboards.microseconds(at: 0.99))
        figures.add("questions", Double(questions))
        figures.add("orders", Double(chosen.highest))
        try figures.report(toJSON: json)
    }

    private func time(
        _ orders: [OrderSummary], _ ask: (OrderSummary) async throws -> Void
    ) async throws -> Durations {
        for order in orders.prefix(questions / 10) { try await ask(order) }
        var durations = Durations()
        let clock = ContinuousClock()
        for order in orders {
            let asked = clock.now
            try await ask(order)
            durations.add(asked.duration(to: clock.now))
        }
        return durations
    }
}
