/// How a mistake was found: a row of the table.
package struct MutantRow: Codable, Hashable, Sendable {
    /// The mistake's name.
    package var mistake: String
    /// The name of the property that does not hold with it; `nil`: none was found.
    package var killer: String?
    /// The size of the smallest case: commands after the opening. One value is one command.
    package var commands = 0
    /// The events that the commands lead to.
    package var events = 0
    /// The smallest case and what it threw; not part of the table.
    package var example = ""

    /// The most commands that a smallest case may have.
    package static let commandLimit = 5

    package init(mistake: String) {
        self.mistake = mistake
    }

    package var text: String {
        "| `\(mistake)` | \(killer ?? "NOT FOUND") | \(commands) | \(events) |"
    }

    /// Reads what ``text`` writes; `nil` for other lines.
    init?(_ line: Substring) {
        let cells = line.split(separator: "|").map { cell in
            String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard line.hasPrefix("| `"), cells.count == 4, let commands = Int(cells[2]),
            let events = Int(cells[3])
        else { return nil }
        mistake = String(cells[0].dropFirst().dropLast())
        killer = cells[1]
        self.commands = commands
        self.events = events
    }
}
