import Foundation
import Testing

@testable import daybook

@Suite struct `Opening stock` {
    /// The smallest opening quantity by trying each one.
    private func bruteForce(_ deltas: [Int64]) -> Int64 {
        var opening: Int64 = 0
        while true {
            var onHand = opening
            if deltas.allSatisfy({
                onHand += $0; return onHand >= 0
            }) {
                return opening
            }
            opening += 1
        }
    }

    @Test func `given movements, when counted, then the lowest point decides`() {
        var stock = OpeningStock(productCount: 2)
        for delta in [-3, 5, -6, 1] as [Int64] {
            stock.record(InvoicePlan.Movement(product: 0, delta: delta))
        }
        stock.record(InvoicePlan.Movement(product: 1, delta: 4))
        #expect(stock.units(ofProduct: 0) == 4)
        #expect(stock.finalUnits(ofProduct: 0) == 1)
        #expect(stock.units(ofProduct: 1) == 0)
        #expect(stock.finalUnits(ofProduct: 1) == 4)
    }

    @Test func `given random movements, when counted, then brute force agrees`() {
        let seed =
            ProcessInfo.processInfo.environment["DAYBOOK_SEED"].flatMap(UInt64.init) ?? 20_101_201
        print("DAYBOOK_SEED=\(seed)")
        var generator = SplitMix(state: seed)
        for _ in 0..<300 {
            let deltas = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                Int64.random(in: -30...30, using: &generator)
            }
            var stock = OpeningStock(productCount: 1)
            for delta in deltas { stock.record(InvoicePlan.Movement(product: 0, delta: delta)) }
            let opening = bruteForce(deltas)
            #expect(stock.units(ofProduct: 0) == opening, "DAYBOOK_SEED=\(seed) \(deltas)")
            #expect(stock.finalUnits(ofProduct: 0) == opening + deltas.reduce(0, +))
        }
    }

    @Test func `given services, when forecast, then they need no stock`() throws {
        let history = try HistoryText.history([
            HistoryText.row("1", "POST", 3), HistoryText.row("1", "85123A", 3),
            HistoryText.row("C2", "85123A", -1), HistoryText.row("3", "85123A", 2),
        ])
        let forecast = ImportForecast(history)
        #expect(forecast.openingUnits == [0, 4])
        #expect(forecast.figures.openingUnits == 4)
        #expect(forecast.figures.finalUnits == 0)
    }
}

/// SplitMix64. Source: Sebastiano Vigna, public domain.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
