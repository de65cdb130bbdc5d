internal import Foundation

/// The table of mistakes, of the property that finds each, and of the size of its smallest case, as it is
/// kept in the documentation.
package struct MutantTable {
    package var rows: [MutantRow]

    /// - Parameter rows: of mistakes that were found.
    package init(_ rows: [MutantRow]) {
        self.rows = rows
    }

    /// - Throws: when the file cannot be read. Lines that are no row of the table do not count.
    package init(contentsOf path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        rows = text.split(separator: "\n").compactMap(MutantRow.init)
    }

    /// The property that finds a mistake.
    package func killer(of mistake: String) -> String? {
        rows.first { $0.mistake == mistake }?.killer
    }

    /// The names of the mistakes whose rows are not the same in both.
    package func differences(from other: MutantTable) -> [String] {
        let (mine, theirs) = (Set(rows.map(\.text)), Set(other.rows.map(\.text)))
        return Set(
            (rows + other.rows).filter { !mine.contains($0.text) || !theirs.contains($0.text) }
                .map(\.mistake)
        ).sorted()
    }

    /// The mean number of commands and of events of a smallest case.
    package var means: (commands: Double, events: Double) {
        let count = Double(max(1, rows.count))
        return (
            Double(rows.reduce(0) { $0 + $1.commands }) / count,
            Double(rows.reduce(0) { $0 + $1.events }) / count
        )
    }

    package var text: String {
        let command = "swift run daybook-simulate properties --mutants"
        let path = "Documentation/Properties/mutants.md"
        let means = means
        let lines = [
            "# Mistakes that the properties of orders find", "",
            "Each row is a mistake that debug builds can be told to make (`Mutant` and `PlantedBug` in",
            "`Sources/DaybookCore/Contracts`, with what each does), the property of DOMAIN section 5 that",
            "does not hold with it, and the size of the smallest case that shows it: commands after the",
            "shop's opening, and the events that they lead to. A single value counts as one.", "",
            "CI runs the first command, which compares; the second writes this page anew:", "",
            "    \(command) --table \(path)",
            "    \(command) --table \(path) --write", "",
            "\(rows.count) mistakes, all found. On average the smallest case has "
                + String(
                    format: "%.2f commands and %.2f events; at most it has ", means.commands,
                    means.events)
                + "\(rows.map(\.commands).max() ?? 0) commands.", "",
            "| mistake | found by | commands | events |", "|---|---|---|---|",
        ]
        return (lines + rows.map(\.text)).joined(separator: "\n") + "\n"
    }
}
