import ArgumentParser

/// `daybook product`
struct ProductCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "product", abstract: "Add and change products, and ask about them.",
        discussion: """
            daybook product add 85123A --name 'White hanging heart' --price '2.55 GBP'
            daybook product show 85123A
            """,
        subcommands: [
            ProductAdd.self, ProductPrice.self, ProductRename.self, ProductDiscontinue.self,
            ProductShow.self, ProductList.self,
        ])
}
