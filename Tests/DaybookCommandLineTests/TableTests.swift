import DaybookCore
import DaybookDecisions
import Testing

@testable import daybook

@Suite struct `Tables and CSV` {
    @Test func `given records, when shown, then columns are aligned and numbers stand right`() {
        let records: [Record] = [
            ["sku": "A", "on_hand": 5, "name": "Lamp"],
            ["sku": "LONG-1", "on_hand": 1_200, "name": "Bed"],
        ]
        #expect(
            Table.lines(records, money: .major) == [
                "sku     on hand  name",
                "A             5  Lamp",
                "LONG-1     1200  Bed",
            ])
    }

    @Test func `given records with different members, when shown, then no member is lost`() {
        let records: [Record] = [["a": 1], ["a": 2, "b": "x"]]
        #expect(Table.lines(records, money: .major) == ["a  b", "1", "2  x"])
    }

    @Test
    func `given a nested record, when shown by itself, then it stands indented below its name`() {
        let record: Record = [
            "order_id": "ord_1", "status": "paid", "missing": .none,
            "lines": .records([["sku": "A", "quantity": 2]]),
        ]
        #expect(
            Table.lines(of: record, money: .major) == [
                "order id: ord_1", "status:   paid", "lines:", "  sku  quantity", "  A           2",
            ])
    }

    @Test
    func `given stored text with control characters, when shown, then it cannot steer a terminal`()
    {
        #expect(Printable.text("red \u{1B}[31m") == "red \\u{1b}[31m")
        #expect(Printable.text("over\u{202E}ride") == "over\\u{202e}ride")
        #expect(Printable.text("Grüße") == "Grüße")
    }

    @Test func `given amounts, when the minor style is wanted, then raw integers`() throws {
        let money = Money(minor: 1_998, currency: try #require(Currency("GBP")))
        #expect(Field.money(money).text(.major) == "19.98 GBP")
        #expect(Field.money(money).text(.minor) == "1998")
        #expect(
            Record([("net", .money(money))]).json == #"{"net":{"minor":1998,"currency":"GBP"}}"#)
    }

    @Test func `given cells with separators, when written as CSV, then they are quoted`() {
        #expect(
            CSVLine.text(["a", "b,c", #"say "x""#, " blank", "two\nlines"])
                == #"a,"b,c","say ""x"""," blank","two"# + "\nlines\"")
    }

    @Test func `given words for a shell, when quoted, then they are one word`() {
        #expect(shellQuoted("shop/a-1") == "shop/a-1")
        #expect(shellQuoted("it's") == #"'it'\''s'"#)
        #expect(shellQuoted("") == "''")
    }
}
