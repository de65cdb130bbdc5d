import ArgumentParser
import DaybookDecisions
import DaybookEngine

/// `daybook product rename`
struct ProductRename: BusinessCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Change a name; orders already placed keep the old one.",
        discussion: "daybook product rename 85123A 'White hanging heart T-light holder'")

    @Argument(help: "The product.")
    var sku: String

    @Argument(help: "The new name.")
    var name: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func command(_ daybook: Daybook) -> Command {
        .renameProduct(RenameProduct(sku: sku, productName: name))
    }
}
