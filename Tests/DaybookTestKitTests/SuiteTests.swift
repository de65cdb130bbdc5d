import DaybookTestKit
import Testing

@Suite struct `Property suites` {
    private let numbers = Generator<Int>.integer(in: 0...1_000)

    private var suite: PropertySuite {
        PropertySuite(
            "Numbers",
            [
                Property("N-1 not negative", numbers) { try require($0 >= 0) },
                Property("N-2 below 500", numbers) { try require($0 < 500) },
            ])
    }

    private func run(_ arguments: String...) -> (code: Int32, output: String) {
        var lines: [String] = []
        let code = suite.command(arguments) { lines.append($0) }
        return (code, lines.joined(separator: "\n"))
    }

    @Test func `given a time budget, then all are run within it and the failure is small`() throws {
        let options = PropertyOptions(cases: .max, seed: 1, corpus: nil)
        let report = suite.run(for: .milliseconds(200), options)
        #expect(report.properties.map(\.verdict) == [.held, .failed])
        #expect(report.properties[1].counterexample?.choices == [500])
        #expect(report.properties[0].cases > 20)
        #expect(report.description.contains("Numbers: 2 properties, 1 failed"))
    }

    @Test func `given arguments, then they choose what is run and how it is told`() {
        let held = run("--only", "N-1", "--cases", "50", "--seed", "9", "--corpus", "/dev/null/x")
        #expect(held.code == 0)
        #expect(held.output.contains("held: N-1 not negative: 50 cases"))
        #expect(held.output.contains("seed 9"))
        let json = run("--only", "N-1", "--cases", "5", "--json")
        #expect(json.output.hasPrefix(#"{"properties":[{"cases":5"#))
    }

    @Test func `given arguments that mean nothing, then the usage is shown`() {
        #expect(run("--colour", "red").code == 2)
        #expect(run("--seconds", "-1").code == 2)
        #expect(run("--seconds").code == 2)
        #expect(run("--only", "N-9").output == "no property has 'N-9' in its name")
    }
}
