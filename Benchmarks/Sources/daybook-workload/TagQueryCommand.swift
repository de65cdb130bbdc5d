import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookProjections
import Workload

/// `daybook-workload tag-query`: goal 11.
struct TagQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag-query",
        abstract: "Asks the log for the history of random orders, page cache warm and cold.",
        discussion: """
            Before the warm questions the log and its indexes are read once as files. Before each cold \
            question their pages are given back, as posix_fadvise does it; pages that somebody has \
            mapped stay. With --drop-caches (root only) the whole machine's page cache goes instead, \
            which everybody else on it will notice.
            """)

    @OptionGroup var store: StoreArgument

    @Option(help: "Warm questions; a tenth as many go before.")
    var questions = 5_000

    @Option(help: "Cold questions.")
    var coldQuestions = 50

    @Option(help: "The seed of the choice.")
    var seed: UInt64 = 1

    @Flag(help: "Empty the machine's page cache for the cold questions.")
    var dropCaches = false

    @Option(help: "Writes the figures to this file, too.")
    var json: String?

    mutating func validate() throws {
        guard questions > 0, coldQuestions > 0 else {
            throw ValidationError("--questions and --cold-questions must be at least 1")
        }
        try checkFolder(ofFile: json)
    }

    mutating func run() async throws {
        let clock = ContinuousClock()
        let opening = clock.now
        let reader = try DaybookReader.open(directory: store.directory)
        let opened = opening.duration(to: clock.now)
        let chosen = try await RandomOrders(
            reader.readModels, count: max(questions, coldQuestions), seed: seed)
        let orders = chosen.orders.map(\.orderID)
        let asked = clock.now
        try ask(reader, orders[0])
        let first = asked.duration(to: clock.now)
        // Of a log that is larger than what was asked for, questions alone would warm a part.
        try PageCache.fill(with: store.directory + "/log")
        for order in orders.prefix(questions / 10) { try ask(reader, order) }
        let warm = try time(orders.prefix(questions), reader) {}
        let cold = try time(orders.prefix(coldQuestions), reader) { try emptyCache() }
        var figures = Figures(mode: "tag-query")
        figures.add("warm_p50_us", warm.microseconds(at: 0.5))
        figures.add("warm_p99_us", warm.microseconds(at: 0.99))
        figures.add("cold_p50_us", cold.microseconds(at: 0.5))
        figures.add("cold_p99_us", cold.microseconds(at: 0.99))
        figures.add("first_question_us", first.inSeconds * 1e6)
        figures.add("open_us", opened.inSeconds * 1e6)
        figures.add("events", Double(reader.head.rawValue))
        figures.add("orders", Double(chosen.highest))
        try figures.report(toJSON: json)
    }

    private func emptyCache() throws {
        if dropCaches {
            try PageCache.empty()
        } else {
            try PageCache.forget(store.directory + "/log")
        }
    }

    private func time(
        _ orders: ArraySlice<OrderID>, _ reader: DaybookReader, before: () throws -> Void
    ) throws -> Durations {
        var durations = Durations()
        let clock = ContinuousClock()
        for order in orders {
            try before()
            let asked = clock.now
            try ask(reader, order)
            durations.add(asked.duration(to: clock.now))
        }
        return durations
    }

    private func ask(_ reader: DaybookReader, _ order: OrderID) throws {
        var count = 0
        try reader.forEachEntry(AuditQuestion(tag: order.tag)) { _ in
            count += 1
            return true
        }
        // The last orders of a killed writer have no second batch; with --settle there are two events more.
        guard (3...7).contains(count) else {
            throw WorkloadStore.Failure("order \(order) has \(count) events, not 3 to 7")
        }
    }
}
