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

    @Test func `given a refused order, when the next wave is cut, then nothing returns to it`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 3), HistoryText.row("2", "71053", 3),
            HistoryText.row("C3", "85123A", -1), HistoryText.row("C4", "71053", -2),
        ])
        var builder = ImportWaveBuilder(history, plans: ImportForecast(history).plans)
        let firstWave = builder.next()
        let first = try #require(firstWave)
        #expect(first.plans.map(\.key) == ["1-2", "2-3"])
        builder.refused(first.plans[0])
        let secondWave = builder.next()
        let second = try #require(secondWave)
        #expect(second.plans.map(\.key) == ["C3-4", "C4-5"])
        #expect(second.plans[0].rejects.map(\.reason) == [.nothingBought])
        #expect(second.plans[1].returns.map(\.lots.count) == [1])
    }

    @Test(arguments: 0..<20)
    func `given refusals, when cut, then the waves are those of a planner that knew of them`(
        seed: UInt64
    ) throws {
        var generator = SplitMix(state: seed)
        let history = try HistoryText.history(
            (0..<900).map { index in
                let isCredit = Int.random(in: 0..<4, using: &generator) == 0
                let quantity = Int.random(in: 1...5, using: &generator)
                let code = "8512\(Int.random(in: 0..<10, using: &generator))"
                return HistoryText.row(
                    (isCredit ? "C" : "") + String(index / 3), code, isCredit ? -quantity : quantity
                )
            })
        // The first refusal comes late in some histories, at once in others.
        let refused = Set(
            history.invoices.indices.filter { index in
                index > Int(seed) * 12 && Int.random(in: 0..<8, using: &generator) == 0
            })
        var builder = ImportWaveBuilder(history, plans: ImportForecast(history).plans)
        var planner = InvoicePlanner(history)
        var waveCount = 0
        while let wave = builder.next() {
            waveCount += 1
            for plan in wave.plans {
                let planned = planner.plan(plan.invoice)
                #expect(planned.lines == plan.lines, "seed \(seed), invoice \(plan.invoice)")
                #expect(planned.returns == plan.returns, "seed \(seed), invoice \(plan.invoice)")
                #expect(planned.rejects == plan.rejects, "seed \(seed), invoice \(plan.invoice)")
            }
            for plan in wave.plans where refused.contains(plan.invoice) {
                planner.undo(plan)
                builder.refused(plan)
            }
        }
        #expect(waveCount > 20)
        #expect(builder.isAtEnd)
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
