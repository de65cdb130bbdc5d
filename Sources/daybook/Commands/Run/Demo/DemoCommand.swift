import ArgumentParser
import DaybookEngine
import Glibc

/// `daybook demo`
struct DemoCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A small shop on real data, from its first order to its audit, in seconds.",
        discussion: """
            daybook demo
            daybook demo --store my-shop

            Makes a store in a directory that is new or empty (daybook-demo, or the first free of \
            daybook-demo-2, …): imports real invoices, registers a customer, sells, is declined, waits \
            for a bank, is killed in the middle of a payment and goes on, and proves at the end that \
            nothing is wrong. What it leaves behind is a store like any other.
            """)

    @Option(
        help: "The directory to make (default: the first free of daybook-demo, daybook-demo-2, …).")
    var store: String?

    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let started = ContinuousClock.now
        let directory = try DemoCommand.freshDirectory(store)
        var story = DemoStory(directory: directory, global: global, output: output)
        try await story.tell()
        let seconds = started.duration(to: .now).components
        let tenths = seconds.seconds * 10 + seconds.attoseconds / 100_000_000_000_000_000
        let argument = " --store \(shellQuoted(directory))"
        return .shown(
            [
                "store": .text(directory), "steps": .of(story.stepCount),
                "seconds": .text("\(tenths / 10).\(tenths % 10)"),
            ],
            next: [
                "daybook order list --limit 5\(argument)",
                "daybook audit order \(story.crashedOrder ?? "1")\(argument)",
                "daybook doctor\(argument)",
            ])
    }

    /// A directory that nobody uses.
    ///
    /// - Throws: ``Failure`` when the wanted one holds something already.
    private static func freshDirectory(_ wanted: String?) throws(Failure) -> String {
        if let wanted {
            guard isFree(wanted) else {
                throw Failure(
                    .failed, code: "store_exists",
                    "\(wanted) holds something already; the demo wants a directory of its own",
                    details: ["store": .text(wanted)], wayOut: ["daybook demo --store ANOTHER"])
            }
            return wanted
        }
        var number = 2
        var name = "daybook-demo"
        while !isFree(name) {
            name = "daybook-demo-\(number)"
            number += 1
        }
        return name
    }

    private static func isFree(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return errno == ENOENT }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // `.` and `..`
        return count <= 2
    }
}
