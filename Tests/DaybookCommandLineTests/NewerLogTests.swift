import DaybookCore
import DaybookEngine
import DaybookLog
import Testing

@testable import daybook

/// A log in which a newer program wrote.
@Suite struct `A newer log on the command line` {
    @Test
    func
        `given events that nobody here knows, when used, then 12 with counts, and doctor names them`()
        throws
    {
        let shop = try SmallShop()
        let log = try LogDirectory.open(
            storage: try FileStorage(path: shop.tool.store + "/log"), hash: .sha256,
            clock: DaybookConfiguration.wallClock)
        let metadata = BatchMetadata(
            recordedAt: Instant(microseconds: 1_790_000_000_000_000), actor: .system,
            command: "FlyToMoon")
        let kinds =
            [("MoonLanded", 1), ("OrderPlaced", 2), ("MoonLanded", 1)] as [(EventType, UInt32)]
        let batch = ProposedBatch(
            metadata: metadata,
            events: kinds.map { type, version in
                ProposedEvent(type: type, schemaVersion: version, tags: [], payload: [8, 1])
            })
        _ = try log.writer.stage(batch)
        if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        try log.committer.close()
        let first = log.reader.head.position.rawValue - 2
        let text = """
            this program cannot read 3 of the log's events: 2 of 'MoonLanded' version 1, the first \
            at position \(first); 1 of 'OrderPlaced' version 2, the first at position \(first + 1).
            """

        let (refused, summary) = try shop.tool.json("stock", "receive", "A", "1")
        #expect(refused.status == 12, "\(refused.errors)")
        #expect(summary["error"]?["code"] == .text("needs_newer_program"))
        #expect(refused.errors.contains(text), "\(refused.errors)")
        let doctor = try shop.tool.run(["doctor", "--json", "--store", shop.tool.store])
        #expect(doctor.status == 3, "\(doctor.output)\(doctor.errors)")
        #expect(doctor.output.contains(text), "\(doctor.output)")
        // The bytes are sound, and everything can be looked at as it is stored.
        #expect(try shop.tool("verify").status == 0)
        let (shown, _) = try shop.tool.json("log", "show", "\(first + 1)")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(try shown.records().first?["schema_version"] == .integer(2))
        // What was projected before can be asked for all the same.
        #expect(try shop.tool("stock", "show", "A").status == 0)
    }
}
