import Foundation
import Testing

@testable import daybook

@Suite struct `Repair on the command line` {
    /// Changes bytes of the newest frame of a shop's only segment.
    private func damage(_ shop: SmallShop, _ body: (inout Data, _ last: Int) -> Void) throws {
        let path = shop.tool.store + "/log/log-00000000000000000001.seg"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let last = try #require(bytes.lastIndex { $0 != 0 })
        body(&bytes, last)
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test
    func
        `given a flipped bit, when repaired, then 3 for the dry run, 0 for the repair, sound after`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(1)
        let (idle, nothing) = try shop.tool.json("repair")
        #expect(idle.status == 0, "\(idle.output)\(idle.errors)")
        #expect(nothing["repairs"] == .integer(0))
        var flipped = 0
        try damage(shop) { bytes, last in
            flipped = last - 40
            bytes[flipped] ^= 0x10
        }
        let (refused, why) = try shop.tool.json("stock", "receive", "A", "1")
        #expect(refused.status == 65)
        #expect(why["error"]?["code"] == .text("log_corrupt"))
        #expect(refused.errors.contains("daybook repair --dry-run"))
        let dry = try shop.tool.json("repair", "--dry-run").0
        #expect(dry.status == 3, "\(dry.output)\(dry.errors)")
        let planned = try #require(try dry.records().first)
        #expect(planned["first_byte"] == .integer(Int64(flipped)))
        #expect(planned["bit"] == .integer(4))
        #expect(planned["proof"] == .text("chain-match"))
        #expect(try shop.tool.json("verify").0.status == 65)
        let (repaired, summary) = try shop.tool.json("repair", "--operator", "ada")
        #expect(repaired.status == 0, "\(repaired.output)\(repaired.errors)")
        #expect(summary["repairs"] == .integer(1))
        #expect(summary["recorded"] == .flag(true))
        #expect(try shop.tool.json("verify").0.status == 0)
        #expect(try shop.tool.json("stock", "receive", "A", "1").0.status == 0)
    }

    @Test
    func
        `given a lost end, when its size and a reason are given, then the store goes on with what is left`()
        throws
    {
        let shop = try SmallShop()
        _ = try shop.order(1)
        let head = try #require(try shop.tool.json("log", "stats").1["head"]?.number)
        try damage(shop) { bytes, last in
            for index in (last - 40)..<(last - 20) { bytes[index] ^= 0xFF }
        }
        let (dry, plan) = try shop.tool.json("repair", "--dry-run")
        #expect(dry.status == 65)
        let lost = try #require(plan["lost_positions"]?.number)
        #expect(lost >= 1)
        #expect(try shop.tool.json("repair").0.status == 65)
        #expect(try shop.tool.json("repair", "--accept-loss").0.status == 64)
        let wrong = try shop.tool.json(
            "repair", "--accept-loss", "--confirm=\(lost + 1)", "--reason", "test"
        ).0
        #expect(wrong.status == 64)
        let (given, summary) = try shop.tool.json(
            "repair", "--accept-loss", "--confirm=\(lost)", "--reason", "a test")
        #expect(given.status == 0, "\(given.output)\(given.errors)")
        #expect(summary["lost_positions"] == .integer(lost))
        #expect(try shop.tool.json("verify").0.status == 0)
        let (received, positions) = try shop.tool.json("stock", "receive", "A", "1")
        #expect(received.status == 0, "\(received.output)\(received.errors)")
        // The engine may have asked anew for what was lost, a mail for example.
        let next = try #require(positions["first_position"]?.number)
        #expect(next > head)
        let replayed = try shop.tool.json("replay").0
        #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
    }
}
