/// Records as aligned columns for people.
enum Table {
    /// The lines: a header, then one per record. Columns stand in the order in which they
    /// are first met.
    ///
    /// - Parameter width: lines are cut at this many characters with `…`; `nil` cuts nothing.
    static func lines(
        _ records: [Record], money: MoneyStyle, width: Int? = nil, hasHeader: Bool = true
    ) -> [String] {
        var names: [String] = []
        var seen: Set<String> = []
        for record in records {
            // A column in which nothing stands would only take room.
            for member in record.members
            where member.value != .none && seen.insert(member.name).inserted {
                names.append(member.name)
            }
        }
        guard !names.isEmpty else { return [] }
        let rows = records.map { record in
            names.map { record[$0]?.text(money) ?? "" }
        }
        let header = names.map { heading($0) }
        let widths = names.indices.map { column in
            max(hasHeader ? header[column].count : 0, rows.map { $0[column].count }.max() ?? 0)
        }
        let isRight = names.indices.map { column in
            records.contains { $0[names[column]]?.isNumeric == true }
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (index, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
                if index > 0 { text += "  " }
                text += isRight[index] ? padding + cell : cell + padding
            }
            while text.hasSuffix(" ") { text.removeLast() }
            return cut(text, to: width)
        }
        return (hasHeader ? [line(header)] : []) + rows.map(line)
    }

    /// The lines of one record: `name: value`, nested records indented below their name.
    static func lines(of record: Record, money: MoneyStyle, indentation: Int = 0) -> [String] {
        let plain = record.members.filter { !$0.value.isNested }
        let width = plain.map { heading($0.name).count }.max() ?? 0
        let margin = String(repeating: " ", count: indentation)
        var lines: [String] = []
        for member in record.members {
            let name = heading(member.name)
            switch member.value {
            case .none: continue
            case .records(let records):
                guard !records.isEmpty else { continue }
                lines.append(margin + name + ":")
                lines += Table.lines(records, money: money).map { margin + "  " + $0 }
            case .object(let inner):
                lines.append(margin + name + ":")
                lines += Table.lines(of: inner, money: money, indentation: indentation + 2)
            default:
                let padding = String(repeating: " ", count: max(0, width - name.count))
                lines.append(margin + name + ":" + padding + " " + member.value.text(money))
            }
        }
        return lines
    }

    static func heading(_ name: String) -> String {
        String(name.map { $0 == "_" ? " " : $0 })
    }

    static func cut(_ text: String, to width: Int?) -> String {
        guard let width, width > 1, text.count > width else { return text }
        return String(text.prefix(width - 1)) + "…"
    }
}

extension Field {
    fileprivate var isNested: Bool {
        switch self {
        case .records, .object: true
        default: false
        }
    }
}
