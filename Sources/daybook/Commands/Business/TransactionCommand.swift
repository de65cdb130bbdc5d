import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook transaction`
struct TransactionCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "transaction",
        abstract: "Several commands as one batch: all of them happen or none does.",
        discussion: """
            daybook transaction commands.json
            echo '{"command":"receive_stock","sku":"A","quantity":5}' | daybook transaction -

            The file is a JSON array of commands, or one command per line. Names and fields are those \
            of the wire: {"command":"create_order","user":"usr_…","items":[{"sku":"A","quantity":2}]}. \
            Amounts are {"minor":999,"currency":"GBP"} or "9.99 GBP". Unknown fields are refused.

            Commands: \(CommandReader.names.joined(separator: ", ")).
            """)

    @Argument(help: "The file; - is standard input.")
    var file: String

    @Flag(help: "Read and check the file, and stop there.")
    var dryRun = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let source = InputSource(file)
        let commands = try TransactionFile.commands(try source.read(), name: source.name)
        if dryRun {
            return .shown(["commands": .of(commands.count), "dry_run": true])
        }
        let asked = engine
        let session = StoreSession(options: engine, global: global, output: output)
        let result = try await session.run { daybook in
            try await daybook.transaction(commands, as: asked.actor, key: asked.key)
        }
        for (command, value) in zip(commands, result.values) {
            var record: Record = ["command": .text(command.name)]
            record.append(ResultRecord.value(value))
            output.record("result", record)
        }
        var summary: Record = ["commands": .of(commands.count)]
        summary.append(ResultRecord.positions(result))
        return .shown(summary)
    }
}
