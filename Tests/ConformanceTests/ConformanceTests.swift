import Foundation
import Testing

/// Keeps `conformance.md` complete and true: every row has a test, every test named there exists.
///
/// After tests were added or renamed: `python3 Tests/ConformanceTests/conformance.py`.
@Suite struct ConformanceTests {
    private struct Entry: Hashable {
        var row: String
        var target: String
        var name: String
    }

    private static let nowhere = "—"
    private static let reason = "HTTP, later"

    private func table() throws -> [Entry] {
        try Checkout.text("Tests/ConformanceTests/conformance.md")
            .split(separator: "\n").filter {
                $0.hasPrefix("| S-") || $0.hasPrefix("| D-") || $0.hasPrefix("| G-")
            }
            .map { line in
                let cells = line.split(separator: "|").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                try #require(cells.count == 3, "a line of the table has three cells: \(line)")
                return Entry(
                    row: cells[0], target: cells[1],
                    name: cells[2].trimmingCharacters(in: ["`"]))
            }
    }

    /// The names of all tests by their target.
    private func tests() throws -> [String: Set<String>] {
        var tests: [String: Set<String>] = [:]
        let pattern = #/func\s+`([^`]+)`/#
        for path in try Checkout.swiftFiles(in: "Tests") {
            let target = String(path.split(separator: "/")[1])
            for match in try Checkout.text(path).matches(of: pattern) {
                tests[target, default: []].insert(String(match.1))
            }
        }
        return tests
    }

    @Test
    func `given the table, when compared with the tests, then every test that it names exists`()
        throws
    {
        let tests = try tests()
        #expect(tests.count > 5)
        for entry in try table() where entry.target != Self.nowhere {
            #expect(
                tests[entry.target]?.contains(entry.name) == true,
                "\(entry.row): \(entry.target) has no test `\(entry.name)`")
        }
    }

    @Test
    func `given the rows, when looked up in the table, then each is shown by a test or is of HTTP`()
        throws
    {
        let table = try table()
        #expect(Rows.all.count == 186)
        for row in Rows.all {
            let entries = table.filter { $0.row == row }
            let shown = entries.filter { $0.target != Self.nowhere }
            if Rows.ofHTTPOnly.contains(row) {
                #expect(entries.allSatisfy { $0.name == Self.reason }, "\(row)")
                #expect(!entries.isEmpty, "\(row) is not in the table")
            } else {
                #expect(!shown.isEmpty, "\(row) is shown by no test")
                #expect(shown.count == entries.count, "\(row) is shown and put off")
            }
        }
    }

    @Test
    func
        `given the table, when its rows are looked up, then none is unknown and none stands twice`()
        throws
    {
        let table = try table()
        let known = Set(Rows.all)
        for entry in table { #expect(known.contains(entry.row), "\(entry.row)") }
        #expect(Set(table).count == table.count)
    }

    @Test
    func
        `given the domain document beside the checkout, when compared, then the rows are the same`()
        throws
    {
        let path = Checkout.root.deletingLastPathComponent()
            .appendingPathComponent("shared/design/DOMAIN.md")
        // The document is not part of the checkout; the list above stands for it elsewhere.
        guard FileManager.default.fileExists(atPath: path.path) else { return }
        let text = try String(contentsOf: path, encoding: .utf8)
        let rows = text.split(separator: "\n").compactMap { line -> String? in
            guard let match = line.prefixMatch(of: #/\| ([SDG]-[0-9]+) \|/#) else { return nil }
            return String(match.1)
        }
        #expect(Set(rows) == Set(Rows.all))
    }
}
