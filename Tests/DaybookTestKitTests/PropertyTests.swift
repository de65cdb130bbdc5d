import DaybookTestKit
import Foundation
import Testing

@Suite struct `Properties` {
    private let numbers = Generator<Int>.integer(in: 0...1_000)
    private let options = PropertyOptions(cases: 100, corpus: nil)

    @Test func `given a property that holds, then the report counts cases and labels`() throws {
        let report = try check(
            "small numbers", numbers, options, labels: { $0 < 10 ? ["tiny"] : [] }
        ) { try require($0 >= 0) }
        #expect(report.verdict == .held)
        #expect(report.cases == 100)
        #expect((10...60).contains(report.labels["tiny"] ?? 0))
        #expect(report.description.hasPrefix("held: small numbers: 100 cases, 0 discarded"))
        #expect(report.json.contains("\"verdict\":\"held\""))
    }

    @Test func `given the same seed, then the same cases come in the same order`() throws {
        func cases(seed: UInt64) throws -> [String] {
            var texts: [String] = []
            let generator = combine(Generator<String>.text(), Generator<String>.emailAddress())
            try check("cases", generator, PropertyOptions(cases: 50, seed: seed, corpus: nil)) {
                texts.append("\($0)")
            }
            return texts
        }
        #expect(try cases(seed: 7) == cases(seed: 7))
        #expect(try cases(seed: 7) != cases(seed: 8))
        // Written out, so that another machine or release that differs is noticed.
        let sample = try numbers.array(count: 4...4).sample(seed: 42)
        #expect(sample == [2, 3, 1, 26])
    }

    @Test func `given a failure, then seed, case and cause are printed`() throws {
        let property = Property("below 17", numbers) { try require($0 < 17, "too large") }
        let report = property.run(PropertyOptions(seed: 5, corpus: nil))
        let text = report.description
        #expect(report.counterexample?.choices == [17])
        #expect(text.contains("FAILED: below 17"))
        #expect(text.contains("too large"))
        #expect(text.contains("    17\n"))
        #expect(text.contains("again: DAYBOOK_SEED=5, or property.replay([17])"))
        #expect(property.replay([17]).counterexample?.choices == [17])
        #expect(property.replay([700]).counterexample?.choices == [700])
        #expect(property.replay([16]).verdict == .held)
        #expect(throws: PropertyFailure.self) {
            try property.check(PropertyOptions(seed: 5, corpus: nil))
        }
    }

    @Test func `given too many cases are given up, then the property fails`() {
        let property = Property("rare", numbers) { value in try assume(value == 500) }
        #expect(property.run(options).verdict == .discardedTooMuch)
    }

    @Test func `given some cases are given up, then they are counted and others run`() {
        let property = Property("even", numbers) { value in try assume(value % 2 == 0) }
        let report = property.run(options)
        #expect(report.verdict == .held)
        #expect(report.cases == 100)
        #expect(report.discarded > 20)
    }

    @Test func `given a failure was recorded, when it is run again, then the record runs first`()
        throws
    {
        let folder = FileManager.default.temporaryDirectory.path + "/kit-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var limit = 17
        let property = Property("below a limit", numbers) { [numbers] value in
            _ = numbers
            try require(value < limit)
        }
        let first = property.run(PropertyOptions(seed: 5, corpus: folder))
        let file = try #require(first.counterexample?.file)
        #expect(FileManager.default.fileExists(atPath: file))

        let second = property.run(PropertyOptions(cases: 0, seed: 6, corpus: folder))
        #expect(second.verdict == .failed)
        #expect(second.cases == 0)
        #expect(second.replayed == 1)
        #expect(second.counterexample?.choices == [17])

        limit = 2_000
        let third = property.run(PropertyOptions(seed: 6, corpus: folder))
        #expect(third.verdict == .held)
        #expect(third.replayed == 1)

        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: file))
        let fourth = property.run(PropertyOptions(seed: 6, corpus: folder))
        #expect(fourth.verdict == .failed)
        #expect(fourth.counterexample?.message.contains(file) == true)
    }

    @Test func `given a failure that does not come again, then the report says so`() {
        var count = 0
        let property = Property("moody", numbers) { _ in
            count += 1
            try require(count != 3)
        }
        let report = property.run(options)
        #expect(report.counterexample?.isReproducible == false)
        #expect(report.description.contains("depends on something besides the case"))
    }

    @Test func `given no time, then nothing is run and that is a failure`() {
        var options = options
        options.budget = .zero
        #expect(Property("none", numbers) { _ in }.run(options).verdict == .ranNothing)
    }

    @Test func `given two causes, then the smallest case has the cause of the first`() throws {
        struct Rare: Error {}
        let property = Property("two causes", numbers) { value in
            if value >= 900 { throw Rare() }
            try require(value < 10)
        }
        for seed in 1...20 as ClosedRange<UInt64> {
            let report = property.run(PropertyOptions(seed: seed, corpus: nil))
            let example = try #require(report.counterexample)
            #expect(example.choices == (example.message == "Rare()" ? [900] : [10]))
        }
    }
}

@Suite struct `Requirements` {
    @Test func `given texts of lines that differ, then the lines that differ are shown`() {
        let error = #expect(throws: RequirementFailure.self) {
            try requireEqual(["a", "b"], ["a", "c"], "the list")
        }
        #expect(
            error?.message == """
                the list
                  - expected   + actual
                  - ["a", "c"]
                  + ["a", "b"]
                """)
        #expect(error?.file == "DaybookTestKitTests/PropertyTests.swift")
    }
}
