import DaybookCore
package import DaybookDecisions
package import DaybookTestKit

/// A history of the project's own shop.
package typealias ShopHistory = History<ShopDecider>

/// Identifiers 1001, 1002, 1003 …
struct CountedIdentifiers: IdentifierSource {
    var last: UInt128 = 1_000

    mutating func next() -> UInt128 {
        last += 1
        return last
    }
}

/// The project's own domain, put to work: few people and products, so that commands collide, a bank
/// that answers late, twice and in any order, and a clock that jumps to deadlines.
package enum ShopWorkload {
    /// What a tax rate may be; the first is the simplest.
    static let taxRates: [Int32] = [0, 1_000, 1_999]
    static let roundings: [Rounding] = [.halfUp, .halfEven]
    static let opened = Instant(microseconds: 1_767_268_800_000_000)

    /// Histories of a shop whose rules are drawn, too.
    package static var histories: Generator<ShopHistory> {
        histories { _ in }
    }

    /// - Parameter change: narrows the workload, such as to fewer commands.
    static func histories(
        _ change: @escaping (inout Workload<ShopDecider>) -> Void
    ) -> Generator<ShopHistory> {
        let openings = Openings()
        return Generator { choices in
            var settings = ShopSettings()
            let rate = taxRates[try choices.below(taxRates.count)]
            settings.taxRate = BasisPoints(rawValue: rate) ?? .zero
            settings.rounding = roundings[try choices.below(roundings.count)]
            var workload = workload(settings)
            change(&workload)
            let begin = { [workload] in openings.begin(workload, settings) }
            return try workload.histories(after: begin).draw(from: choices)
        }
    }

    /// Openings, each decided once: they would take half of the time.
    private final class Openings {
        private var decided: [ShopSettings: (history: ShopHistory, context: DecisionContext)] = [:]

        func begin(
            _ workload: Workload<ShopDecider>, _ settings: ShopSettings
        ) -> (history: ShopHistory, context: DecisionContext) {
            if let known = decided[settings] { return known }
            let opening = workload.begin()
            decided[settings] = opening
            return opening
        }
    }

    package static func workload(
        _ settings: ShopSettings = ShopSettings()
    ) -> Workload<ShopDecider> {
        var workload = Workload(
            ShopDecider.self,
            commands: { ShopCommands(history: $0).next },
            context: {
                DecisionContext(
                    now: opened, actor: .operator(nil), settings: settings,
                    identifiers: CountedIdentifiers())
            },
            pass: { context, choices in
                if try choices.happens(1, in: 4) {
                    let jump = Generator.clockJump(across: [3_600, 86_400, 7 * 86_400])
                    context.now = context.now.advanced(bySeconds: try jump.draw(from: choices))
                }
                // Mostly the shop's own people, who may ask for everything.
                let actors: [Actor] = [.operator(nil), .import, .system]
                context.actor = actors[try choices.below(3, .weights([12, 1, 1]))]
            },
            record: { event, position, context in
                Fact(position: position, recordedAt: context.now, event: event)
            })
        workload.opening = opening
        workload.length = 0...40
        return workload
    }

    // MARK: The shop before anything is tried

    static let ada = UserID(rawValue: 1)
    static let pounds = Currency("GBP")

    static func money(_ minor: Int64) -> Money? { pounds.map { Money(minor: minor, currency: $0) } }

    /// Goods that are sold: name, price, whether they are stocked, and how many there are.
    static let goods: [(sku: String, minor: Int64, isStocked: Bool, count: Int)] = [
        ("A", 999, true, 5), ("B", 1_000, true, 1), ("FREE", 0, true, 3), ("C", 7, true, 0),
        ("POST", 150, false, 0),
    ]

    /// Ada has an account; there is something of most goods.
    static var opening: [PreparedCommand] {
        let registration = ShopCommands.registration(
            of: "ada@example.com", user: ada, link: VerificationID(rawValue: 1))
        var commands: [PreparedCommand] = [.registerUser(registration)]
        for good in goods {
            guard let price = money(good.minor) else { continue }
            commands.append(
                .addProduct(
                    AddProduct(
                        sku: good.sku, productName: good.sku, price: price, stocked: good.isStocked)
                ))
            if good.count > 0 {
                commands.append(.receiveStock(ReceiveStock(sku: good.sku, quantity: good.count)))
            }
        }
        return commands
    }
}
