import DaybookCore
import DaybookDecisions
import DaybookTestKit
import Testing

@Suite struct `Generators` {
    private let options = PropertyOptions(cases: 300, corpus: nil)

    @Test func `given integers of every range, then they stay inside and meet the ends`() throws {
        for range in [-5...5, 3...9, -9 ... -3, 0...0, Int64.min...Int64.max] {
            var seen: Set<Int64> = []
            try check("in \(range)", .integer(in: range), options) { value in
                try require(range.contains(value))
                seen.insert(value)
            }
            #expect(seen.contains(range.lowerBound) && seen.contains(range.upperBound))
        }
        #expect(try Generator<Int8>.integer(in: -9 ... -3).draw(from: Choices(replaying: [])) == -3)
        #expect(
            try Generator<Int>.integer(in: 0...99, towards: 50).draw(from: Choices(replaying: []))
                == 50)
    }

    @Test func `given e-mail addresses, then spellings of few people come up`() throws {
        var seen: Set<String> = []
        try check("addresses", .emailAddress(), options) { address in
            _ = try CanonicalEmail(address)
            seen.insert(address)
        }
        #expect(seen.contains("ada@example.com"))
        #expect(seen.contains { $0.contains("+") })
        #expect(seen.contains { $0.contains("ü") || $0.contains("Ü") })
        #expect(seen.contains { $0.contains("xn--") })
        #expect(seen.contains { $0 != $0.lowercased() })
        #expect(seen.count > 30)
    }

    @Test func `given lists, sets, dictionaries and options, then counts are kept`() throws {
        let number = Generator<Int>.integer(in: 0...20)
        try check("array", number.array(count: 2...5), options) {
            try require((2...5).contains($0.count))
        }
        try check("set", number.set(count: 2...5), options) {
            try require((2...5).contains($0.count))
        }
        try check(
            "dictionary", Generator<String>.name(among: 9).dictionary(to: number, count: 1...4),
            options
        ) { try require((1...4).contains($0.count)) }
        try check("shuffled", .shuffled([1, 2, 3, 4]), options) {
            try requireEqual($0.sorted(), [1, 2, 3, 4])
        }
        let report = try check(
            "optional", number.optional, options, labels: { [$0 == nil ? "nil" : "value"] }
        ) { _ in }
        #expect(report.labels["nil", default: 0] > 40)
        #expect(report.labels["value", default: 0] > 120)
    }

    @Test func `given weights, then the share of each follows`() throws {
        let generator = Generator.weighted([
            (1, Generator<String>.always("rare")), (9, .always("often")),
        ])
        let report = try check("weights", generator, options, labels: { [$0] }) { _ in }
        #expect((10...60).contains(report.labels["rare", default: 0]))
    }

    @Test func `given redelivered messages, then each arrives and some come twice or late`() throws
    {
        let sent = [1, 2, 3, 4]
        let report = try check(
            "messages", .redelivered(sent), options,
            labels: { arrived in
                (arrived.count > 4 ? ["twice"] : []) + (arrived != arrived.sorted() ? ["late"] : [])
            }
        ) { arrived in try requireEqual(Set(arrived).sorted(), sent) }
        #expect(report.labels["twice", default: 0] > 50)
        #expect(report.labels["late", default: 0] > 50)
        #expect(try Generator.redelivered(sent).draw(from: Choices(replaying: [])) == sent)
    }

    @Test func `given clock jumps, then they land before, at and after deadlines`() throws {
        var seen: Set<Int64> = []
        try check("jumps", .clockJump(across: [86_400]), options) { seen.insert($0) }
        #expect(seen.isSuperset(of: [0, 86_399, 86_400, 86_401]))
    }

    @Test func `given crash points and bank scripts, then they are in range and ordered`() throws {
        try check("crashes", .crashPoints(steps: 9), options) { points in
            try require(points.allSatisfy { (0..<9).contains($0.step) })
            try requireEqual(points.map(\.step), points.map(\.step).sorted())
        }
        try check("scripts", .bankScript(), options) { script in
            try require(script.copies.count == script.answers.count)
            try require(script.answer(to: 99) == script.answers.last)
        }
    }

    @Test func `given a generator that never ends, then the case is given up`() {
        let endless = Generator<Int> { choices in
            while true { _ = try choices.below(2) }
        }
        let report = Property("endless", endless) { _ in }.run(PropertyOptions(corpus: nil))
        #expect(report.verdict == .discardedTooMuch)
    }
}
