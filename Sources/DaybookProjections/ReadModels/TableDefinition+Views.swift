extension TableDefinition {
    /// A view of some columns of a table under the same names, with words for numbers.
    ///
    /// - Parameters:
    ///   - expressions: what stands for a column that is not shown as it is stored.
    ///   - kinds: of columns that are no column of the table.
    ///   - condition: which rows; all of them when `nil`.
    init(
        name: String, showing table: TableDefinition, key: [String], _ names: [String],
        instead expressions: [String: String], kinds: [String: ColumnDefinition.Kind] = [:],
        where condition: String? = nil
    ) {
        let columns = names.map { name in
            let stored = table.columns.first { $0.name == name }
            return ColumnDefinition(
                name, stored?.kind.shown ?? kinds[name] ?? (name.hasSuffix("_at") ? .time : .text),
                optional: stored?.isOptional ?? false)
        }
        let values = names.map { name in
            let value = expressions[name] ?? table.shown(name)
            return value == name ? name : "\(value) AS \(name)"
        }
        self.init(
            name: name, columns: columns, key: key,
            viewStatement: "SELECT \(values.joined(separator: ",\n    "))\nFROM \(table.name)"
                + (condition.map { "\nWHERE \($0)" } ?? ""))
    }

    /// What a view shows of one of this table's columns.
    func shown(_ column: String) -> String {
        columns.first { $0.name == column }?.shown ?? column
    }
}

extension ColumnDefinition.Kind {
    /// The kind in a view, where a word is a text.
    fileprivate var shown: ColumnDefinition.Kind {
        switch self {
        case .word, .gatewayReference: .text
        default: self
        }
    }
}
