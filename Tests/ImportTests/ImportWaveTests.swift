import Testing

@testable import daybook

@Suite struct `Import waves` {
    /// The invoice keys of each wave.
    private func waves(_ history: OrderHistory) -> [[String]] {
        var builder = ImportWaveBuilder(history, plans: ImportForecast(history).plans)
        var result: [[String]] = []
        while let wave = builder.next() {
            #expect(wave.number == result.count + 1)
            result.append(wave.plans.map(\.key))
        }
        return result
    }

    @Test func `given few invoices, when cut, then they are one wave`() throws {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("2", "85123A", 3),
        ])
        #expect(waves(history) == [["1-2", "2-3"]])
    }

    @Test func `given a return of an order in the wave, when cut, then the wave ends before it`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("2", "71053", 3),
            HistoryText.row("C3", "85123A", -1), HistoryText.row("4", "71053", 1),
            HistoryText.row("C5", "71053", -2), HistoryText.row("C6", "85123A", -1),
        ])
        #expect(waves(history) == [["1-2", "2-3"], ["C3-4", "4-5"], ["C5-6", "C6-7"]])
    }

    @Test func `given a refused return in the wave, when cut, then the wave goes on`() throws {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("C2", "85123A", -4),
            HistoryText.row("3", "85123A", 1),
        ])
        #expect(waves(history) == [["1-2", "C2-3", "3-4"]])
    }

    @Test func `given many invoices, when cut, then waves have their limit`() throws {
        let history = try HistoryText.history(
            (0..<600).map { HistoryText.row("\($0)", "85123A", 1) })
        #expect(waves(history).map(\.count) == [256, 256, 88])
    }

    @Test func `given a history, when cut twice, then the waves are the same`() throws {
        var generator = SplitMix(state: 7)
        let history = try HistoryText.history(
            (0..<3_000).map { index in
                let isCredit = Int.random(in: 0..<10, using: &generator) == 0
                let quantity = Int.random(in: 1...5, using: &generator)
                let code = "8512\(Int.random(in: 0..<10, using: &generator))"
                return HistoryText.row(
                    (isCredit ? "C" : "") + String(index / 3), code, isCredit ? -quantity : quantity
                )
            })
        let first = waves(history)
        #expect(first == waves(history))
        #expect(first.flatMap { $0 } == history.invoices.map(\.key))
        #expect(first.count > 50)
    }
}
