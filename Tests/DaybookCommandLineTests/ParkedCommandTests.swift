import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import Testing

@testable import daybook

/// `daybook projection parked`, `retry`, `skip`.
@Suite struct `Parked events on the command line` {
    private let stray = OrderID(rawValue: 0xBAD)

    /// Two events of an order that was never placed, behind the deciders' back.
    private func poison(_ shop: SmallShop) throws -> Int64 {
        let log = try LogDirectory.open(
            storage: try FileStorage(path: shop.tool.store + "/log"), hash: .sha256,
            clock: DaybookConfiguration.wallClock)
        let events: [Event] = [
            .processingStarted(ProcessingStarted(orderID: stray)),
            .orderCancelled(OrderCancelled(orderID: stray, reason: "never was")),
        ]
        let metadata = BatchMetadata(
            recordedAt: Instant(microseconds: 1_790_000_000_000_000), actor: .import,
            command: "Forged")
        _ = try log.writer.stage(metadata) { encoder in
            for event in events {
                encoder.event(
                    type: event.type, schemaVersion: event.schemaVersion, tags: event.tags
                ) { event.encode(into: &$0) }
            }
        }
        if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        try log.committer.close()
        return Int64(log.reader.head.position.rawValue) - 1
    }

    @Test
    func `given poison events, when listed, tried again and skipped, then each says how it stands`()
        throws
    {
        let shop = try SmallShop()
        let first = try poison(shop)
        // The next command projects them.
        #expect(try shop.tool("stock", "receive", "A", "1").status == 0)
        let (listed, summary) = try shop.tool.json("projection", "parked")
        #expect(listed.status == 3, "\(listed.output)\(listed.errors)")
        #expect(summary["parked"] == .integer(2))
        let records = try listed.records()
        #expect(records.map { $0["position"] } == [.integer(first), .integer(first + 1)])
        #expect(records.map { $0["name"] } == [.text("orders"), .text("orders")])
        #expect(records[0]["reason"] == .text("order \(stray) is unknown"))
        #expect(records[1]["reason"] != records[0]["reason"])
        #expect(try shop.tool("projection", "parked", "users").status == 0)
        let status = try shop.tool.json("projection", "status")
        #expect(status.0.status == 3)
        #expect(try status.0.records().map { $0["parked"]?.number } == [0, 2, 0])
        let doctor = try shop.tool("doctor")
        #expect(doctor.status != 0)
        #expect(doctor.output.contains("could not take 1 events"), "\(doctor.output)")

        let retried = try shop.tool("projection", "retry", "orders", "\(first)")
        #expect(retried.status == 3, "\(retried.output)\(retried.errors)")
        #expect(try shop.tool("projection", "retry", "orders", "1").status == 5)
        let waiting = try shop.tool(
            "projection", "skip", "orders", "\(first + 1)", "--reason", "x")
        #expect(waiting.status == 5, "\(waiting.errors)")
        #expect(waiting.errors.contains("daybook projection parked orders"), "\(waiting.errors)")
        #expect(
            try shop.tool("projection", "skip", "orders", "\(first)", "--reason", " ").status == 1)

        for position in [first, first + 1] {
            let (skipped, told) = try shop.tool.json(
                "projection", "skip", "orders", "\(position)", "--reason", "never placed")
            #expect(skipped.status == 0, "\(skipped.output)\(skipped.errors)")
            #expect(told["still_parked"] == .integer(first + 1 - position))
            let recorded = try #require(told["recorded_at_position"]?.number)
            let (shown, _) = try shop.tool.json("log", "show", "\(recorded)")
            #expect(shown.output.contains("ProjectionEventSkipped"), "\(shown.output)")
            #expect(shown.output.contains("never placed"), "\(shown.output)")
        }
        #expect(try shop.tool("projection", "parked").status == 0)
        let (rebuilt, _) = try shop.tool.json("projection", "rebuild", "--all")
        #expect(rebuilt.status == 0, "\(rebuilt.output)\(rebuilt.errors)")
        #expect(
            try rebuilt.records().allSatisfy { $0["comparison"] == .text("equal to the live one") })
        #expect(try shop.tool("replay").status == 0)
    }
}
