import DaybookCore
import Foundation
import Testing

@testable import daybook

@Suite struct `Trust on the command line` {
    @Test func `given a store with orders, when verified, replayed and rebuilt, then all agree`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(2)
        let (verified, facts) = try shop.tool.json("verify")
        #expect(verified.status == 0, "\(verified.errors)")
        #expect(facts["sound"] == .flag(true))
        let (replayed, report) = try shop.tool.json("replay")
        #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
        #expect(report["violations"] == .integer(0))
        for model in ["inventory", "orders", "users"] {
            #expect(report[model] == .text("equal"), "\(model)")
        }
        let (rebuilt, _) = try shop.tool.json("projection", "rebuild", "--all")
        #expect(rebuilt.status == 0, "\(rebuilt.output)\(rebuilt.errors)")
        let records = try rebuilt.records()
        #expect(records.count == 3)
        #expect(records.allSatisfy { $0["comparison"] == .text("equal to the live one") })
    }

    @Test
    func
        `given a store, when only the state or the stored bytes are checked, then the rest is left out`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(2)
        let (replayed, report) = try shop.tool.json("replay", "--state-only")
        #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
        #expect(report["violations"] == .integer(0))
        #expect(report["orders"] == nil)
        let (verified, facts) = try shop.tool.json("verify", "--stored")
        #expect(verified.status == 0, "\(verified.errors)")
        #expect(facts["sound"] == .flag(true))
        #expect(facts["merkle_root"] == .null)
    }

    @Test func `given a flipped bit, when verified, then 65 with segment, bytes and positions`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(1)
        let log = shop.tool.store + "/log"
        let segment = try #require(
            try FileManager.default.contentsOfDirectory(atPath: log).sorted()
                .first { $0.hasSuffix(".seg") || $0.hasPrefix("0") })
        let path = log + "/" + segment
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // Inside the frames: the last byte that is not padding lies in the newest frame.
        let last = try #require(bytes.lastIndex { $0 != 0 })
        bytes[last] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path))
        let (answer, summary) = try shop.tool.json("verify")
        #expect(answer.status == 65)
        #expect(summary["exit_code"] == .integer(65))
        #expect(summary["error"]?["code"] == .text("log_corrupt"))
        let finding = try #require(
            try answer.lines().first { $0["type"] == .text("finding") }?["details"])
        #expect(finding["segment"] == .integer(1))
        let first = try #require(finding["first_byte"]?.number)
        let end = try #require(finding["end_byte"]?.number)
        #expect((first..<end).contains(Int64(last)))
    }

    @Test func `given a store, when exported twice, then the same bytes, and every event is there`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(2)
        let first = try shop.tool("export")
        #expect(first.status == 0)
        #expect(try shop.tool("export").output == first.output)
        let head = try #require(try shop.tool.json("log", "stats").1["head"]?.number)
        let lines = try first.lines()
        #expect(lines.map { $0["position"] } == (1...head).map { .integer($0) })
        #expect(!first.output.contains("ada@example.com"))
        for model in ["inventory", "orders", "users"] {
            let export = try shop.tool("export", model)
            #expect(export.status == 0, "\(export.errors)")
            #expect(try !export.lines().isEmpty)
        }
        let file = shop.tool.directory + "/events.ndjson"
        #expect(try shop.tool("export", "--file", file).status == 0)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == first.output)
        #expect(try shop.tool("export", "--file", file).status == 1)
    }

    @Test func `given a store in order, when the doctor looks, then 0; after the key is gone 3`()
        throws
    {
        let shop = try SmallShop()
        let (healthy, _) = try shop.tool.json("doctor")
        #expect(healthy.status == 0, "\(healthy.output)")
        try FileManager.default.moveItem(
            atPath: shop.tool.store + "/master.key", toPath: shop.tool.directory + "/key")
        let (sick, summary) = try shop.tool.json("doctor")
        #expect(sick.status == 3)
        #expect(summary["findings"] == .integer(1))
        let (refused, why) = try shop.tool.json("stock", "receive", "A", "1")
        #expect(refused.status == 12)
        #expect(why["error"]?["code"] == .text("key_missing"))
    }

    @Test func `given a log, when asked by position, tag, type and actor, then what was recorded`()
        throws
    {
        let shop = try SmallShop()
        let (_, order) = try shop.order(2)
        let id = try #require(order["order_id"]?.string)
        let shown = try shop.tool.json("log", "show", "1").0.records()[0]
        #expect(shown["event_type"] == .text("ProductAdded"))
        #expect(shown["command"] == .text("AddProduct"))
        #expect(shown["actor"] == .text("operator"))
        #expect(shown["payload"]?["sku"] == .text("A"))
        let placed = try shop.tool.json(
            "log", "search", "--tag", "order:\(id)", "--type", "OrderPlaced"
        ).0.records()
        #expect(placed.count == 1)
        let tail = try shop.tool.json("log", "tail", "-n", "2").0.records()
        #expect(tail.count == 2)
        let (beyond, _) = try shop.tool.json("log", "show", "9999")
        #expect(beyond.status == 5)
        let gateway = try shop.tool.json("log", "search", "--actor", "gateway").0.records()
        #expect(gateway.contains { $0["event_type"] == .text("PaymentCaptured") })
    }
}
