import DaybookCore
import Testing

@testable import daybook

@Suite struct `Order history reader` {
    @Test func `given runs of invoice numbers, when read, then each run is an invoice`() throws {
        let history = try HistoryText.history([
            HistoryText.row("536365", "85123A", 1), HistoryText.row("536365", "71053", 1),
            HistoryText.row("C536366", "71053", -1, minute: 1),
            HistoryText.row("536365", "85123A", 1, minute: 2),
        ])
        #expect(history.invoices.map(\.key) == ["536365-2", "C536366-4", "536365-5"])
        #expect(history.invoices.map(\.rows) == [0..<2, 2..<3, 3..<4])
        #expect(history.invoices.map(\.isCreditNote) == [false, true, false])
        #expect(
            history.invoices.map { $0.time?.description } == [
                "2010-12-01T08:26:00Z", "2010-12-01T08:27:00Z", "2010-12-01T08:28:00Z",
            ])
    }

    @Test
    func `given an invoice over several minutes, when read, then its first row's time counts`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1, minute: 7),
            HistoryText.row("1", "71053", 1, minute: 8),
        ])
        #expect(history.invoices.map { $0.time?.description } == ["2010-12-01T08:33:00Z"])
    }

    @Test func `given codes, when read, then five leading digits make goods`() throws {
        let codes = [
            "85123A", "12345", "1234", "POST", "1234A5", "C2", "BANK CHARGES", "gift_0001_20",
        ]
        let history = try HistoryText.history(codes.map { HistoryText.row("1", $0, 1) })
        #expect(history.products.map(\.code) == codes)
        #expect(
            history.products.map(\.isStocked)
                == [true, true, false, false, false, false, false, false])
    }

    @Test func `given codes that differ in case, when read, then they are two products`() throws {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1), HistoryText.row("1", "85123a", 1),
            HistoryText.row("1", "85123A", 1),
        ])
        #expect(history.products.map(\.code) == ["85123A", "85123a"])
        #expect(history.rows.map(\.product) == [0, 1, 0])
    }

    @Test
    func `given blank and padded descriptions, when read, then the first real one is the name`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1, description: ""),
            HistoryText.row("1", "85123A", 1, description: "  "),
            HistoryText.row("1", "85123A", 1, description: " WHITE  HEART "),
            HistoryText.row("1", "85123A", 1, description: "OTHER"),
            HistoryText.row("1", "71053", 1, description: ""),
        ])
        #expect(history.products.map(\.name) == ["WHITE  HEART", nil])
    }

    @Test func `given prices, when read, then the first one above 0 is the product's`() throws {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1, "0.0"), HistoryText.row("1", "85123A", 1, "2.55"),
            HistoryText.row("1", "85123A", 1, "3.00"), HistoryText.row("1", "PADS", 1, "0.001"),
        ])
        #expect(history.products.map(\.priceMinor) == [255, 0])
    }

    @Test func `given customers, when read, then rejected rows name them too, in file order`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("C1", "85123A", -1, customer: "17850"),
            HistoryText.row("2", "85123A", 1, customer: ""),
            HistoryText.row("3", "85123A", 0, customer: "12346"),
            HistoryText.row("4", "85123A", 1, customer: "17850"),
        ])
        #expect(history.customers == ["17850", nil, "12346"])
        #expect(history.rows.map(\.customer) == [0, 1, 2, 0])
    }

    @Test(
        arguments: [
            ("1,85123A,T,1,2010-12-01T08:26:00,0.001,17850,UK", .fractionOfAPenny),
            ("1,85123A,T,1,2010-12-01T08:26:00,-1.00,17850,UK", .negativePrice),
            ("1,85123A,T,1,2010-12-01T08:26:00,free,17850,UK", .unreadablePrice),
            ("1,85123A,T,1,2010-12-01T08:26:00,100000000000.01,17850,UK", .priceTooLarge),
            ("1,85123A,T,six,2010-12-01T08:26:00,1.00,17850,UK", .unreadableQuantity),
            ("1,,T,1,2010-12-01T08:26:00,1.00,17850,UK", .invalidSKU),
            ("1, 85123A,T,1,2010-12-01T08:26:00,1.00,17850,UK", .invalidSKU),
            ("1,85123A,T,1,2010-12-01T08:26:00,1.00,17850.0,UK", .invalidCustomer),
            ("1,85123A,T,1,2010-13-01T08:26:00,1.00,17850,UK", .invalidDate),
            (",85123A,T,1,2010-12-01T08:26:00,1.00,17850,UK", .invalidInvoiceNumber),
            ("£1,85123A,T,1,2010-12-01T08:26:00,1.00,17850,UK", .invalidInvoiceNumber),
        ] as [(String, RejectReason)])
    func `given a row that cannot be used, when planned, then the reason is told`(
        row: String, reason: RejectReason
    ) throws {
        let plans = try HistoryText.history([row]).plans()
        #expect(plans.flatMap(\.rejects).map(\.reason) == [reason])
        #expect(plans.map(\.isEmpty) == [true])
    }

    @Test func `given malformed rows, when read, then the others stay and the invoice goes on`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1), "1,85123A,too,few", "1,\"85123A\"x,T,1,,,,",
            HistoryText.row("1", "71053", 1),
        ])
        #expect(history.malformedRows.map(\.number) == [3, 4])
        #expect(
            history.malformedRows.map(\.text)
                == ["4 fields instead of 8", "text follows a closing quote"])
        #expect(history.invoices.map(\.key) == ["1-2"])
        #expect(history.rows.map(\.number) == [2, 5])
    }

    @Test func `given another header, when read, then it is refused and the columns are named`()
        throws
    {
        let expected = HistoryText.header
        for (text, message) in [
            ("", "the file is empty; its first row must be: \(expected)"),
            (
                "Invoice,Code\n1,2\n",
                "this is no order history: its first row is \"Invoice,Code\", it must be: \(expected)"
            ),
            (
                "\u{FFFD}7zXZ\u{0}\n",
                "this file is compressed; give its text: xz -dc FILE | daybook import orders -"
            ),
        ] {
            let error = #expect(throws: WrongHeader.self) { try HistoryText.history(text: text) }
            #expect(error?.description == message)
        }
    }

    @Test func `given a byte order mark, when read, then it is no part of the header`() throws {
        let text = "\u{FEFF}\(HistoryText.header)\r\n\(HistoryText.row("1", "85123A", 1))\r\n"
        #expect(try HistoryText.history(text: text).rows.count == 1)
    }

    @Test func `given every chunk size, when read, then the history is the same`() throws {
        let text = [
            HistoryText.header, HistoryText.row("1", "85123A", 1),
            "1,71053,\"A \"\"B\"\", C\",2,2010-12-01T08:26:00,2.5,,UK", "bad,row",
            HistoryText.row("C2", "85123A", -1),
        ].joined(separator: "\r\n")
        let expected = try HistoryText.history(text: text)
        for chunk in [1, 2, 3, 7, 16, 64, 100, 1_000] {
            let history = try OrderHistoryReader.read(
                chunkByteCount: chunk, source: ChunkedText(text).read)
            #expect(history.contentName == expected.contentName)
            #expect(history.rows.map(\.byteOffset) == expected.rows.map(\.byteOffset))
            #expect(history.products.map(\.name) == ["THING", "A \"B\", C"])
            #expect(ImportForecast(history).figures == ImportForecast(expected).figures)
        }
    }
}
