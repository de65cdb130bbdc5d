internal import DaybookTestKit
internal import Foundation

/// The table of mistakes, of the property that finds each, and of the size of its smallest case, as it is
/// kept in the documentation.
package struct MutantTable: Equatable {
    /// By the mistake's name.
    private var rows: [String: Row] = [:]
    private var names: [String] = []

    private struct Row: Equatable {
        var killer: String
        var commands: Int
        var events: Int
    }

    package init(_ findings: [MutantFinding]) {
        for finding in findings {
            guard let killer = finding.killer else { continue }
            names.append(finding.mistake.name)
            rows[finding.mistake.name] = Row(
                killer: killer.name, commands: finding.size ?? 0,
                events: finding.counterexample?.eventCount ?? 1)
        }
    }

    /// - Throws: when the file cannot be read. Lines that are no row of the table do not count.
    package init(contentsOf path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let commands = Int(cells[2]), let events = Int(cells[3]) else {
                continue
            }
            let name = cells[0].trimmingCharacters(in: ["`"])
            names.append(name)
            rows[name] = Row(killer: cells[1], commands: commands, events: events)
        }
    }

    /// The property that finds a mistake, by the mistake's name.
    package var killers: [String: String] { rows.mapValues(\.killer) }

    /// The names of the mistakes whose rows are not the same in both.
    package func differences(from other: MutantTable) -> [String] {
        Set(names + other.names).filter { rows[$0] != other.rows[$0] }.sorted()
    }

    package static func row(_ finding: MutantFinding) -> String {
        let events = finding.counterexample?.eventCount ?? 1
        return "| `\(finding.mistake.name)` | \(finding.killer?.name ?? "NOT FOUND") | "
            + "\(finding.size ?? 0) | \(events) |"
    }

    package var text: String {
        let sizes = names.compactMap { rows[$0]?.commands }
        let mean = Double(sizes.reduce(0, +)) / Double(max(1, sizes.count))
        var lines = [
            "# Mistakes that the properties of orders find", "",
            "Each row is a mistake that debug builds can be told to make (`Mutant` and `PlantedBug` in",
            "`Sources/DaybookCore/Contracts`, with what each does), the property of DOMAIN section 5 that does",
            "not hold with it, and the size of the smallest case that shows it: commands after the shop's",
            "opening, and the events that they lead to. A single value counts as one.", "",
            "Written by the first command, compared by the second, which CI runs:", "",
            "    swift run daybook-simulate properties --mutants --table Documentation/Properties/mutants.md --write",
            "    swift run daybook-simulate properties --mutants --table Documentation/Properties/mutants.md",
            "",
            "\(names.count) mistakes, all found; \(String(format: "%.2f", mean)) commands on average, "
                + "\(sizes.max() ?? 0) at most.", "",
            "| mistake | found by | commands | events |", "|---|---|---|---|",
        ]
        for name in names {
            guard let row = rows[name] else { continue }
            lines.append("| `\(name)` | \(row.killer) | \(row.commands) | \(row.events) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
