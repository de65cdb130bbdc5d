/// The rows of a read model as a text table, so that a test shows them as a reader would see them.
///
/// ```
/// book | lent to
/// -----+--------
/// dune | ann
/// ```
public struct RowTable: Hashable, Sendable {
    public var name: String
    public var columns: [String]
    public var rows: [[String]]

    /// - Parameter rows: as many cells in each as there are columns; in the order in which they are to
    ///   be compared.
    public init(_ name: String = "", columns: [String], rows: [[String]]) {
        self.name = name
        self.columns = columns
        self.rows = rows
    }
}

extension RowTable: CustomStringConvertible {
    public var description: String {
        let all = [columns] + rows
        let widths = columns.indices.map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { index, cell in
                let width = index < widths.count ? widths[index] : 0
                return cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            return padded.joined(separator: " | ").trimmingTrailingBlanks
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "-+-")
        let lines = [line(columns), rule] + rows.map(line)
        return ((name.isEmpty ? [] : [name]) + lines).joined(separator: "\n")
    }
}

extension String {
    var trimmingTrailingBlanks: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Without blanks at the ends of lines and without empty lines around.
    var normalisedTable: String {
        var lines = split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0).trimmingTrailingBlanks }
        while lines.first?.isEmpty ?? false { lines.removeFirst() }
        while lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines.joined(separator: "\n")
    }
}

/// Tables one under the other.
public func tableText(_ tables: [RowTable]) -> String {
    tables.map(\.description).joined(separator: "\n\n")
}
