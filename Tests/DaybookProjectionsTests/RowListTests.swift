import DaybookCore
import DaybookDecisions
import GRDB
import Testing

@testable import DaybookProjections

@Suite struct `Row list` {
    private func bytes(of rows: [[String]]) -> [UInt8] {
        var list = RowListWriter()
        for row in rows {
            list.row { list in
                for value in row { list.add(value) }
            }
        }
        return list.bytes
    }

    private func read(_ bytes: [UInt8], width: Int) throws -> [[String]] {
        try bytes.withUnsafeBytes { bytes in
            try RowListReader.rows(bytes) { list in
                var row: [String] = []
                for _ in 0..<width {
                    guard let text = list.text() else { return nil }
                    row.append(text)
                }
                return row
            }
        }
    }

    @Test(arguments: [
        "", "plain", "a \"quoted\" \\ name", "tab\tand\nline", "\u{1}\u{1F}", "é ü 漢字 👩‍🚀", "]],[[",
        "1", "a;b\";\"c", ";",
    ])
    func `given a text, when written and read, then it is the same, here and in SQLite`(
        text: String
    ) throws {
        let written = bytes(of: [[text, "x"], ["y", text]])
        #expect(try read(written, width: 2) == [[text, "x"], ["y", text]])
        // A later version may write more values into each row.
        #expect(try read(written, width: 1) == [[text], ["y"]])
        let queue = try DatabaseQueue()
        let unfolded = try queue.read { database in
            try String.fetchAll(
                database,
                sql:
                    "SELECT value ->> 0 FROM (SELECT ? AS list), json_each(\(RowList.json("list")))",
                arguments: [String(decoding: written, as: UTF8.self)])
        }
        #expect(unfolded == [text, "y"])
    }

    @Test(arguments: [0, 9, 10, -1, 1_234_567, Int64.max, Int64.min])
    func `given a number, when written and read, then it is the same`(number: Int64) throws {
        var list = RowListWriter()
        list.row { list in
            list.add(number)
            list.add(whileNotZero: 0, 1, 0, 0)
        }
        #expect(String(decoding: list.bytes, as: UTF8.self) == "\(number),0,1")
        let rows = try list.bytes.withUnsafeBytes { bytes in
            try RowListReader.rows(bytes) { list in
                [list.integer(), list.integer(), list.integer(), list.integerOrZero()]
            }
        }
        #expect(rows == [[number, 0, 1, 0]])
    }

    @Test func `given no rows, when written and read, then there are none`() throws {
        #expect(bytes(of: []) == [])
        #expect(try read(bytes(of: []), width: 1) == [])
    }

    @Test(arguments: [
        "[", ";", "\"a\";", ";\"a\"", "\"a", "\"a\\", "1", "\"a\";1", "\"\\u00zz\"", "{}",
        "\"a\",\"b",
    ])
    func `given bytes that are no list, when read, then they are called damaged`(
        text: String
    ) throws {
        #expect(throws: DatabaseError.self) { try read(Array(text.utf8), width: 1) }
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "-", "x", "99999999999999999999",
    ])
    func `given a number that 64 bits do not hold, when read, then it is called damaged`(
        text: String
    ) throws {
        #expect(throws: DatabaseError.self) {
            try Array(text.utf8).withUnsafeBytes { bytes in
                try RowListReader.rows(bytes) { $0.integer() }
            }
        }
    }

    @Test
    func
        `given orders with parcels and returns, when asked in SQL, then the view gives what the selectors give`()
        async throws
    {
        let folder = TestFolder()
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 120)
        let file = try ReadModelFile.open(
            .orders, at: ReadModelName.orders.project(history, into: folder))
        var lineCount = 0
        try file.withDatabase { database in
            // As the `sqlite3` of the people who look into the file.
            try database.execute(sql: "PRAGMA trusted_schema = ON")
            let view = try RowStatement(
                database,
                """
                SELECT line_number, sku, name, quantity, unit_price_minor, price_overridden, net_minor,
                tax_minor, shipped, returned FROM order_lines WHERE order_number = ?
                ORDER BY line_number
                """)
            let orders = try RowStatement(
                database, "SELECT \(OrderView.columns) FROM stored_orders ORDER BY order_number")
            let products = try SoldProducts(database)
            while try orders.step() {
                let order = try OrderView(orders, products)
                view.bind(Int64(order.summary.orderNumber))
                var unfolded: [OrderLineView] = []
                while try view.step() {
                    func amount(_ column: Int32) -> Amount {
                        Amount(minor: view.integer(column), currency: order.summary.net.currency)
                    }
                    unfolded.append(
                        OrderLineView(
                            lineNumber: Int(view.integer(0)), sku: view.text(1), name: view.text(2),
                            quantity: Int(view.integer(3)), unitPrice: amount(4),
                            priceOverridden: view.flag(5), net: amount(6), tax: amount(7),
                            shipped: Int(view.integer(8)), returned: Int(view.integer(9))))
                }
                #expect(unfolded == order.lines)
                lineCount += unfolded.count
            }
        }
        #expect(lineCount > 0)
        try file.close()
    }
}
