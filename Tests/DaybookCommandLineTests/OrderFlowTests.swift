import DaybookCore
import Foundation
import Testing

@testable import daybook

/// Whole stories through the built program.
@Suite struct `Order flow on the command line` {
    @Test
    func
        `given stock and a verified user, when an order is placed, then it is paid and stock is reserved`()
        throws
    {
        let shop = try SmallShop()
        let (answer, summary) = try shop.order(2)
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(summary["ok"] == .flag(true))
        #expect(summary["status"] == .text("paid"))
        #expect(summary["order_number"] == .integer(1))
        #expect(summary["payable"]?["minor"] == .integer(1_998))
        let (_, _) = try shop.tool.json("stock", "show", "A")
        let stock = try shop.tool.json("stock", "show", "A").0.records()[0]
        #expect(stock["on_hand"] == .integer(5))
        #expect(stock["available"] == .integer(3))
        let shown = try shop.tool.json("order", "show", "1").0.records()[0]
        #expect(shown["status"] == .text("processing"))
        #expect(shown["item_count"] == .integer(1))
    }

    @Test
    func `given a declining bank, when an order is placed, then 1, and the order can be asked for`()
        throws
    {
        let shop = try SmallShop()
        let (answer, summary) = try shop.order(2, "--bank", "decline:insufficient_funds")
        #expect(answer.status == 1)
        #expect(summary["ok"] == .flag(false))
        #expect(summary["error"]?["code"] == .text("payment_failed"))
        let id = try #require(summary["error"]?["details"]?["order_id"]?.string)
        let shown = try shop.tool.json("order", "show", id).0.records()[0]
        #expect(shown["status"] == .text("payment_failed"))
        let stock = try shop.tool.json("stock", "show", "A").0.records()[0]
        #expect(stock["available"] == .integer(5))
    }

    @Test
    func `given a bank that is late, when an order is placed, then 75, and reconciling settles it`()
        throws
    {
        let shop = try SmallShop()
        let (answer, summary) = try shop.order(1, "--bank", "late")
        #expect(answer.status == 75)
        #expect(summary["error"]?["code"] == .text("payment_pending"))
        let waiting = try shop.tool.json("payment", "list").0.records()
        #expect(waiting.count == 1)
        let (settled, _) = try shop.tool.json("payment", "reconcile")
        #expect(settled.status == 0, "\(settled.errors)")
        #expect(try shop.tool.json("payment", "list").0.records().isEmpty)
        let shown = try shop.tool.json("order", "show", "1").0.records()[0]
        #expect(shown["payment_state"] == .text("captured"))
    }

    @Test func `given too little stock, when an order is placed, then the figures and the way out`()
        throws
    {
        let shop = try SmallShop()
        let before = try shop.tool.json("log", "stats").1["head"]
        let (answer, summary) = try shop.order(7)
        #expect(answer.status == 1)
        let error = try #require(summary["error"])
        #expect(error["code"] == .text("insufficient_stock"))
        #expect(error["details"]?["sku"] == .text("A"))
        #expect(error["details"]?["available"] == .integer(5))
        #expect(error["details"]?["requested"] == .integer(7))
        #expect(answer.errors.contains("daybook stock receive A QUANTITY --store"))
        #expect(try shop.tool.json("log", "stats").1["head"] == before)
    }

    @Test func `given a key, when a command is repeated, then one effect; with another request 6`()
        throws
    {
        let shop = try SmallShop()
        let (_, first) = try shop.order(1, "--key", "basket-1")
        let head = try shop.tool.json("log", "stats").1["head"]
        let (again, second) = try shop.order(1, "--key", "basket-1")
        #expect(again.status == 0, "\(again.errors)")
        #expect(second["order_id"] == first["order_id"])
        #expect(second["repeat"] == .flag(true))
        #expect(try shop.tool.json("log", "stats").1["head"] == head)
        let (other, refused) = try shop.order(2, "--key", "basket-1")
        #expect(other.status == 6)
        #expect(refused["error"]?["code"] == .text("idempotency_key_reused"))
        #expect(try shop.tool.json("log", "stats").1["head"] == head)
    }

    @Test
    func `given a paid order, when shipped, returned and refunded, then the audit tells all of it`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(2)
        try SmallShop.must(try shop.tool("order", "ship", "1", "--line", "1=2"))
        let (_, returned) = try shop.tool.json("return", "request", "1", "--line", "1=1")
        let id = try #require(returned["return_id"]?.string)
        try SmallShop.must(
            try shop.tool("return", "receive", id, "--order", "1", "--line", "1=1"))
        try SmallShop.must(
            try shop.tool("order", "refund", "1", "--amount", "9.99 GBP", "--reason", "broken"))
        let (audit, summary) = try shop.tool.json("audit", "order", "1")
        #expect(audit.status == 0, "\(audit.errors)")
        #expect(summary["units_shipped"] == .integer(2))
        #expect(summary["units_returned"] == .integer(1))
        #expect(summary["captured"]?["minor"] == .integer(1_998))
        #expect(summary["refunded"]?["minor"] == .integer(999))
        let types = try audit.records().compactMap { $0["event_type"]?.string }
        for type in [
            "OrderPlaced", "StockReserved", "PaymentCaptured", "ShipmentDispatched",
            "ReturnReceived", "RefundSucceeded",
        ] {
            #expect(types.contains(type), "\(types)")
        }
    }

    @Test func `given manual capture, when completed twice, then captured once`() throws {
        let shop = try SmallShop()
        _ = try shop.order(1, "--capture", "manual")
        try SmallShop.must(try shop.tool("order", "complete", "1"))
        try SmallShop.must(try shop.tool("order", "complete", "1"))
        let captures = try shop.tool.json("log", "search", "--type", "PaymentCaptured").0.records()
        #expect(captures.count == 1)
    }

    @Test func `given two commands in a file, when the second is refused, then neither happened`()
        throws
    {
        let shop = try SmallShop()
        let before = try shop.tool.json("log", "stats").1["head"]
        let text = """
            {"command":"receive_stock","sku":"A","quantity":5}
            {"command":"receive_stock","sku":"NO-SUCH","quantity":5}
            """
        let (answer, summary) = try shop.tool.json("transaction", "-", input: text)
        #expect(answer.status == 5)
        #expect(summary["error"]?["code"] == .text("product_not_found"))
        #expect(try shop.tool.json("log", "stats").1["head"] == before)
        let (done, _) = try shop.tool.json(
            "transaction", "-", input: text.replacingOccurrences(of: "NO-SUCH", with: "A"))
        #expect(done.status == 0, "\(done.errors)")
        #expect(
            try shop.tool.json("stock", "show", "A").0.records()[0]["on_hand"] == .integer(15))
    }
}
