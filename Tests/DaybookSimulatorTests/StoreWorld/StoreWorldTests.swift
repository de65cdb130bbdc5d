import DaybookSimulator
import Testing

/// The whole engine in simulated stores.
@Suite struct `Simulated store` {
    @Test(arguments: [1...8, 101...108, 1_001...1_008] as [ClosedRange<UInt64>])
    func `given seeds, when their stores live and crash, then every promise is kept`(
        seeds: ClosedRange<UInt64>
    ) {
        let outcome = StoreCampaign.run(seeds)
        if let (seed, failure) = outcome.failure {
            Issue.record("\(failure); replay: daybook-simulate store \(seed)..\(seed)")
        }
        #expect(outcome.report.runs == 8)
        #expect(outcome.report.acknowledged > 40)
        #expect(outcome.report.recoveries > 8)
    }

    @Test func `given the same choices, when run again, then every trace is equal`() throws {
        for seed in 20...24 as ClosedRange<UInt64> {
            let chance = StoreCampaign.chance(of: seed)
            let first = try StoreWorld.run(chance: chance)
            #expect(try StoreWorld.run(chance: StoreCampaign.chance(of: seed)) == first)
            #expect(try StoreWorld.run(chance: Chance(replaying: chance.choices)) == first)
        }
    }

    @Test func `given no choices at all, then the simplest store lives once and closes`() throws {
        let report = try StoreWorld.run(chance: Chance(replaying: []))
        #expect(report.crashes == 0)
        #expect(report.recoveries == 1)
        #expect(report.acknowledged > 0)
    }
}
