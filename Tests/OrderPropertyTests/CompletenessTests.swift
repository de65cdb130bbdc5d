import DaybookProperties
import Foundation
import Testing

/// Keeps `Documentation/Properties/properties.md` complete and true: every number has a test, every test
/// named there exists, every property that is written with the kit has a test of its name.
///
/// After tests were added or renamed: `python3 Tests/OrderPropertyTests/properties.py`.
@Suite struct `Completeness of the properties` {
    private struct Entry: Hashable {
        var number: String
        var target: String
        var name: String
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }

    private func table() throws -> [Entry] {
        let lines = try text("Documentation/Properties/properties.md").split(separator: "\n")
        return try lines.filter { $0.hasPrefix("| P-") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(cells.count == 3, "a line of the table has three cells: \(line)")
            return Entry(
                number: cells[0], target: cells[1],
                name: cells[2].trimmingCharacters(in: ["`"]))
        }
    }

    /// The names of all tests, by their target.
    private func tests() throws -> [String: Set<String>] {
        var tests: [String: Set<String>] = [:]
        let pattern = #/func\s+`([^`]+)`/#
        let folder = Self.root.appendingPathComponent("Tests").resolvingSymlinksInPath().path
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder)
        where path.hasSuffix(".swift") {
            let target = String(path.prefix { $0 != "/" })
            for match in try text("Tests/" + path).matches(of: pattern) {
                tests[target, default: []].insert(String(match.1))
            }
        }
        return tests
    }

    @Test func `given the numbers P-01 to P-40, then each stands in the table`() throws {
        let numbers = Set(try table().map(\.number))
        let all = (1...40).map { ($0 < 10 ? "P-0" : "P-") + String($0) }
        for number in all + ["P-20a", "P-20b", "P-20c"] {
            #expect(numbers.contains(number), "\(number) is shown by no test")
        }
        #expect(numbers.count == 43)
    }

    @Test func `given the table, then every test that it names exists`() throws {
        let tests = try tests()
        #expect(tests.count > 5)
        for entry in try table() {
            #expect(
                tests[entry.target]?.contains(entry.name) == true,
                "\(entry.number): \(entry.target) has no test `\(entry.name)`")
        }
    }

    @Test func `given the properties of orders, then each has one name and a test of that name`()
        throws
    {
        let names = OrderProperties.all.map(\.name)
        #expect(Set(names).count == names.count)
        let tests = try #require(try tests()["OrderPropertyTests"])
        for name in names { #expect(tests.contains(name), "no test is called `\(name)`") }
        let numbered = tests.filter { $0.hasPrefix("P-") && !$0.hasPrefix("P-16") }
        #expect(numbered.isSubset(of: names))
    }

    @Test
    func `P-16 given the schemas, then there is no discount yet that would have to be allotted`()
        throws
    {
        // When there is one, this fails, and P-16 is to be written: by largest remainder, summing exactly.
        let events = try text("Schemas/orders/v1/events.proto")
        let fields = events.split(separator: "\n").filter {
            $0.lowercased().contains("discount") && !$0.contains("reserved")
                && !$0.drop { $0 == " " }.hasPrefix("//")
        }
        #expect(fields.isEmpty, "\(fields)")
        #expect(events.contains("reserved \"discounts\""))
    }
}
