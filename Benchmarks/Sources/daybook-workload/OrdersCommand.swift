import ArgumentParser
import Workload

/// `daybook-workload orders`: for comparing generators.
struct OrdersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders",
        abstract: "Prints the orders of the stream, one a line: user product*quantity …")

    @OptionGroup var options: RunOptions

    mutating func run() {
        var stream = options.stream
        for _ in 0..<options.orders { print(stream.next()) }
    }
}
