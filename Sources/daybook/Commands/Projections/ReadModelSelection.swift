import ArgumentParser
import DaybookProjections

/// Which read models a command is about: named, or all.
struct ReadModelSelection: ParsableArguments {
    @Argument(help: "inventory, orders, users.")
    var names: [ReadModelName] = []

    @Flag(help: "All of them.")
    var all = false

    func validate() throws {
        if all == !names.isEmpty {
            throw ValidationError("Give names of read models (inventory, orders, users), or --all.")
        }
    }

    /// In the order in which they are told of.
    var chosen: [ReadModelName] { ReadModelName.allCases.filter { all || names.contains($0) } }
}
