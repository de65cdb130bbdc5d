import ArgumentParser
import DaybookEngine

/// `daybook config`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The settings of a store, and where each comes from.",
        discussion: """
            daybook config show
            daybook config set tax_rate_bps 2000
            """,
        subcommands: [ConfigShow.self, ConfigSet.self])
}

/// `daybook config show`
struct ConfigShow: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Every setting with its value and its source.",
        discussion: "daybook config show --json")

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let (directory, source) = store.resolved
        output.record("setting", Self.record("store", directory, source))
        let (settings, names) = try StoreSettings.load(from: StoreDirectory(path: directory))
        for name in StoreSettings.names {
            let source = names.contains(name) ? "settings.json" : "default"
            output.record("setting", Self.record(name, settings.value(of: name) ?? "", source))
        }
        return .done
    }

    private static func record(_ name: String, _ value: String, _ source: String) -> Record {
        ["name": .text(name), "value": .text(value), "source": .text(source)]
    }
}

/// `daybook config set`
struct ConfigSet: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a setting of the store.",
        discussion: """
            daybook config set tax_rate_bps 2000
            daybook config set payment_deadline_seconds never

            What was recorded under the old setting stays as it is.
            """)

    @Argument(help: "The setting; daybook config show lists them.")
    var name: String

    @Argument(help: "Its value.")
    var value: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let directory = StoreDirectory(path: store.directory)
        try store.requireStore()
        var (settings, _) = try StoreSettings.load(from: directory)
        let before = settings.value(of: name)
        try settings.set(name, to: value)
        try settings.save(to: directory)
        return .shown([
            "name": .text(name), "before": .of(before), "value": .of(settings.value(of: name)),
        ])
    }
}
