import DaybookCore
import DaybookDecisions
import Testing

@testable import daybook

@Suite struct `Transaction file` {
    private func commands(_ text: String) throws -> [Command] {
        try TransactionFile.commands(Array(text.utf8), name: "t.json")
    }

    private func failure(_ text: String) -> Failure? {
        do throws(Failure) {
            _ = try TransactionFile.commands(Array(text.utf8), name: "t.json")
            return nil
        } catch {
            return error
        }
    }

    @Test func `given an array and the same lines, when read, then the commands are the same`()
        throws
    {
        let one = #"{"command":"receive_stock","sku":"A","quantity":5}"#
        let two = #"{"command":"adjust_stock","sku":"A","delta":-2,"reason":"lost"}"#
        let expected: [Command] = [
            .receiveStock(ReceiveStock(sku: "A", quantity: 5)),
            .adjustStock(AdjustStock(sku: "A", delta: -2, reason: "lost")),
        ]
        #expect(try commands("[\(one),\(two)]") == expected)
        #expect(try commands("\(one)\n\(two)\n") == expected)
    }

    @Test func `given an order, when read, then lines keep their order and amounts are exact`()
        throws
    {
        let user = UserID(rawValue: 7)
        let gbp = try #require(Currency("GBP"))
        let text = """
            {"command":"create_order","user":"\(user)","items":[{"sku":"A","quantity":2},
             {"sku":"B","quantity":1,"unit_price":"9.99 GBP"}],
             "expected_total":{"minor":2997,"currency":"GBP"},"capture":"manual"}
            """
        #expect(
            try commands(text) == [
                .createOrder(
                    CreateOrder(
                        user: user,
                        items: [
                            OrderItem(sku: "A", quantity: 2),
                            OrderItem(
                                sku: "B", quantity: 1, unitPrice: Money(minor: 999, currency: gbp)),
                        ], expectedTotal: Money(minor: 2_997, currency: gbp), capture: .manual))
            ])
    }

    @Test(arguments: [
        (
            #"[{"command":"receive_stok"}]"#,
            "t.json, line 1, command 1: command 'receive_stok' is not a command; did you mean receive_stock?"
        ),
        (
            "{\"command\":\"discontinue_product\",\"sku\":\"A\"}\n{\"command\":\"receive_stock\",\"sku\":\"A\"}",
            "t.json, line 2, command 2: quantity is missing"
        ),
        (
            #"{"command":"receive_stock","sku":"A","quantity":5,"qantity":6}"#,
            "t.json, line 1, command 1: qantity is not a field of this; did you mean quantity?"
        ),
        (
            #"{"command":"receive_stock","sku":"A","quantity":99999999999999999999}"#,
            "t.json, line 1, command 1: quantity 99999999999999999999 does not fit 64 bits"
        ),
        (
            #"{"command":"receive_stock","sku":"A","quantity":1.5}"#,
            "t.json, line 1, command 1: quantity expected a whole number, got the number 1.5"
        ),
        (
            #"{"command":"create_order","user":"bob","items":[]}"#,
            "t.json, line 1, command 1: user 'bob' is not a user (usr_…)"
        ),
        (
            #"{"command":"add_product","sku":"A","name":"x","price":{"minor":1,"currency":"XXX"}}"#,
            "t.json, line 1, command 1: price.currency 'XXX' is not a currency of ISO 4217"
        ),
        (
            #"{"command":"receive_stock","sku""#,
            "t.json, line 1, column 33: not JSON: expected : after the name"
        ),
        ("  \n ", "t.json: there is no command in it"),
    ])
    func `given a wrong file, when read, then the message names line, command and field`(
        text: String, message: String
    ) {
        #expect(failure(text)?.message == message)
    }

    @Test func `given a wrong item, when read, then the path leads to it`() {
        let text = """
            {"command":"create_order","user":"\(UserID(rawValue: 1))",
             "items":[{"sku":"A","quantity":1},{"sku":"B","quantity":"two"}]}
            """
        #expect(failure(text)?.details["field"] == "items[1].quantity")
        #expect(failure(text)?.details["line"] == 2)
        #expect(failure(text)?.code == "validation_failed")
        #expect(failure(text)?.status == .failed)
    }
}
