import DaybookCore
import DaybookDecisions
import DaybookTestKit
import Testing

/// The kit on the project's own decider.
@Suite struct `Laws of the shop` {
    private let options = PropertyOptions(cases: 60, seed: 1, corpus: nil)
    private let sound = Invariant<Shop>("the invariants of DOMAIN section 5") { shop in
        let violations = shop.violations()
        try require(violations.isEmpty, violations.joined(separator: "\n"))
        return true
    }

    @Test func `given any commands, then every decision keeps the invariants`() throws {
        let report = try Law.everyDecision(of: shop, keeps: [sound]).check(options)
        #expect(report.labels["10 events or more", default: 0] > 15, "\(report)")
    }

    @Test func `given any history, then folds, snapshots and decisions keep the laws`() throws {
        try Law.foldIsDeterministic(shop).check(options)
        try Law.decidesFromStateOnly(shop).check(options)
        try Law.snapshotAndTailEqualReplay(
            shop,
            write: { shop in
                var writer = WireWriter(capacity: 1_024)
                shop.encode(into: &writer)
                return writer.bytes
            },
            read: { bytes in
                try bytes.withUnsafeBytes { bytes in
                    var reader = WireReader(bytes)
                    return try Shop(from: &reader)
                }
            }
        ).check(options)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `given stock is released twice, then an order and its end show it`(seed: UInt64)
        throws
    {
        var flawed = shop
        flawed.decide = { (command, state, context) throws(Rejection) in
            try ShopDecider.decide(command, given: state, in: &context).flatMap { event in
                if case .stockReleased = event { [event, event] } else { [event] }
            }
        }
        let property = Law.everyDecision(of: flawed, keeps: [sound])
        let report = property.run(PropertyOptions(cases: 500, seed: seed, corpus: nil))
        let example = try #require(report.counterexample, "\(report)")
        // Placed, reserved, payment requested; cancelled, released, released.
        #expect(example.eventCount == 6, "\(report)")
        #expect(example.shrinkRuns < 2_500)
        #expect(example.source.hasPrefix("// 2 commands, 6 facts after an opening of 7"))
    }
}
