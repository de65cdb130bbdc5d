import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookProjections

/// `daybook projection build`
struct ProjectionBuildCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Write a read model, as it is or was, to a file of your own.",
        discussion: """
            daybook projection build orders orders-march.sqlite --as-of 2026-03-31T23:59:59Z

            The file is an SQLite database with the tables of the live model. Changes nothing in the \
            store. --from nothing projects every event; --from FILE starts with a file that was built \
            before.
            """)

    @Argument(help: "inventory, orders, users.")
    var name: ReadModelName

    @Argument(help: "Where to write it; there must be no such file.")
    var path: String

    @Option(
        help: ArgumentHelp(
            "Start with this file, or with 'nothing' (default: the nearest copy that is kept).",
            valueName: "file"))
    var from: String?

    @OptionGroup var past: PastOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let log = try store.openLog()
        let base: PastModels.Base =
            switch from {
            case nil: .nearest
            case "nothing"?: .nothing
            case let file?: .file(file)
            }
        let position = try PastModels.write(
            name, asOf: past.asOf ?? .position(log.head.position), from: log,
            in: store.directory, to: path, startingWith: base)
        return .shown(
            ["name": .text(name.rawValue), "file": .text(path), "position": .of(position)])
    }
}
