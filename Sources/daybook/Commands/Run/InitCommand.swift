import ArgumentParser
import DaybookEngine

/// `daybook init`
struct InitCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create an empty store.",
        discussion: """
            daybook init --store shop
            daybook init --store shop --if-missing

            The directory is made with permissions 0700. It will hold the log (the book of record), \
            the vault with its master key, the read models and the settings.
            """)

    @Flag(help: "Succeed without a change when the store is there already.")
    var ifMissing = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let next = [
            "daybook product add A-1 --name 'First product' --price '9.99 GBP'\(store.argument)",
            "daybook doctor\(store.argument)",
        ]
        let created = try create()
        return .shown(
            ["store": .text(store.directory), "created": .flag(created)],
            next: created ? next : [])
    }

    /// - Returns: `false` when the store was there and that is fine.
    private func create() throws(DaybookError) -> Bool {
        do throws(DaybookError) {
            try Daybook.create(global.configuration(directory: store.directory))
            return true
        } catch {
            guard ifMissing, error.kind == .storeExists else { throw error }
            return false
        }
    }
}
