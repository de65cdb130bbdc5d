import DaybookCore
import Testing

@Suite struct IdentifierMapTests {
    /// Splits of the identifiers that share their lower and upper halves, so that places collide.
    private static func identifier(_ number: UInt64) -> UInt128 {
        UInt128(number % 7) << 64 | UInt128(number / 7)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `given random changes, when compared with a dictionary, then both hold the same`(
        seed: UInt64
    ) {
        var map = IdentifierMap<Int32>(filler: -1)
        var model: [UInt128: Int32] = [:]
        var state = seed
        for step in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // 0 is among them.
            let identifier = IdentifierMapTests.identifier(state >> 33 % 600)
            if state >> 20 & 3 == 0 {
                #expect(
                    map.remove(identifier) == model.removeValue(forKey: identifier),
                    "seed \(seed), step \(step)")
            } else {
                map.set(Int32(step), for: identifier)
                model[identifier] = Int32(step)
            }
            #expect(map.count == model.count, "seed \(seed), step \(step)")
        }
        for number in 0..<UInt64(600) {
            let identifier = IdentifierMapTests.identifier(number)
            #expect(map[identifier] == model[identifier], "seed \(seed)")
        }
        var visited: [UInt128: Int32] = [:]
        map.forEach { visited[$0] = $1 }
        #expect(visited == model, "seed \(seed)")
    }
}
