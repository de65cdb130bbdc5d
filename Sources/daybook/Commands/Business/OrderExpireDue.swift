import ArgumentParser
import DaybookEngine

/// `daybook order expire-due`
struct OrderExpireDue: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire-due",
        abstract:
            "Give up every unpaid order whose deadline has passed and whose payment is not in flight.",
        discussion: "daybook order expire-due")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let session = StoreSession(options: engine, global: global, output: output)
        let count = try await session.run { try await $0.runTimers() }
        return .shown(["expired": .of(count)])
    }
}
