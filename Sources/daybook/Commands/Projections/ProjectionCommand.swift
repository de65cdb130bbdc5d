public import ArgumentParser
import DaybookEngine
public import DaybookProjections

/// `daybook projection`
struct ProjectionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projection",
        abstract: "The read models: where they stand, building anew, proving equal.",
        discussion: """
            daybook projection status
            daybook projection rebuild --all
            daybook projection compare orders
            daybook projection parked
            """,
        subcommands: [
            ProjectionList.self, ProjectionStatusCommand.self, ProjectionRebuildCommand.self,
            ProjectionCompareCommand.self, ProjectionBuildCommand.self, ProjectionCleanCommand.self,
            ProjectionParked.self, ProjectionRetry.self, ProjectionSkip.self,
        ])
}

extension ReadModelName: ExpressibleByArgument {}

/// `daybook projection list`
struct ProjectionList: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The read models and their tables.",
        discussion: "daybook projection list")

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        for name in ReadModelName.allCases {
            output.record(
                "projection",
                [
                    "name": .text(name.rawValue),
                    "file": .text(store.layout.readModels + "/" + name.fileName),
                    "tables": .texts((name.schema.tables + name.schema.views).map(\.name)),
                ])
        }
        return .done
    }
}
