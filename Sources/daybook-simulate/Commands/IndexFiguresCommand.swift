import ArgumentParser
import DaybookSimulator
import Foundation

/// `daybook-simulate index-figures`
struct IndexFiguresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index-figures",
        abstract: "Measures the tag indexes of a generated log.",
        discussion: "daybook-simulate index-figures --events 5000000 --directory /tmp/figures",
        shouldDisplay: false)

    @Option(help: "How many events.")
    var events = 5_000_000

    @Option(help: "Where the log is made; it must not exist yet and is removed.")
    var directory: String

    func run() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for line in try IndexFigures(directory: directory, eventCount: events).run() { print(line) }
    }
}
