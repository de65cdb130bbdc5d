import DaybookCore
import DaybookDecisions
import Testing

@testable import daybook

@Suite struct `Argument values` {
    @Test(
        arguments: [
            ("9.99 GBP", 999), ("GBP 9.99", 999), ("9.99GBP", 999), ("0.05 GBP", 5),
            ("-1 GBP", -100),
        ] as [(String, Int64)])
    func `given an amount with its currency, when read, then it is exact`(
        text: String, minor: Int64
    ) {
        #expect(Money(argument: text)?.minor == minor)
    }

    @Test(arguments: [
        "9.99", "9.999 GBP", "GBP", "1,000 GBP", "9.99 XXX", "99999999999999999999 GBP", "",
    ])
    func `given text that is no amount, when read, then nothing is guessed`(text: String) {
        #expect(Money(argument: text) == nil)
    }

    @Test func `given items, when read, then SKU, quantity and price`() throws {
        let gbp = try #require(Currency("GBP"))
        #expect(ItemArgument(argument: "85123A=6")?.item == OrderItem(sku: "85123A", quantity: 6))
        #expect(ItemArgument(argument: "a=b=3")?.item == OrderItem(sku: "a=b", quantity: 3))
        #expect(
            ItemArgument(argument: "A=2@2.55GBP")?.item
                == OrderItem(sku: "A", quantity: 2, unitPrice: Money(minor: 255, currency: gbp)))
        for wrong in ["A", "=3", "A=", "A=x", "A=1@", "A=99999999999999999999"] {
            #expect(ItemArgument(argument: wrong) == nil, "\(wrong)")
        }
    }

    @Test func `given lines, when read, then number, quantity and damaged units`() throws {
        let line = try #require(LineArgument(argument: "3=10:2"))
        #expect(line == LineArgument(argument: "3=10:2"))
        #expect([line.lineNumber, line.quantity, line.damaged] == [3, 10, 2])
        for wrong in ["3", "3=", "x=1", "1=2=3", "1=2:3:4"] {
            #expect(LineArgument(argument: wrong) == nil, "\(wrong)")
        }
    }

    @Test func `given an order, when read, then an identifier or a number from 1`() {
        let id = OrderID(rawValue: 5)
        #expect(OrderReference(argument: id.description) == .id(id))
        #expect(OrderReference(argument: "17") == .number(17))
        #expect(OrderReference(argument: "0") == nil)
        #expect(OrderReference(argument: "usr_01") == nil)
    }

    @Test func `given a mistyped word, when the nearest is sought, then only a near one is found`()
    {
        let words = ["create", "cancel", "complete", "ship"]
        #expect(Spelling.nearest(to: "craete", among: words) == "create")
        #expect(Spelling.nearest(to: "shp", among: words) == "ship")
        #expect(Spelling.nearest(to: "xyzzy", among: words) == nil)
        // Was: a table of a million rows for each word.
        let long = String(repeating: "x", count: 1_000_000)
        #expect(Spelling.nearest(to: long, among: words) == nil)
    }
}
