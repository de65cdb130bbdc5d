internal import DaybookCore

/// One value as SQLite holds it; ordered as SQLite orders keys.
package enum StoredValue: Hashable, Comparable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    package static func < (left: StoredValue, right: StoredValue) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .integer: 1
        case .text: 2
        case .bytes: 3
        }
    }
}

/// A row: the values of the stored columns, in order.
package typealias StoredRow = [StoredValue]

extension TableDefinition {
    /// Where the columns of the key stand among the stored ones.
    package var keyIndexes: [Int] {
        key.compactMap { name in storedColumns.firstIndex { $0.name == name } }
    }

    /// The key of one of this table's rows.
    package func key(of row: StoredRow) -> [StoredValue] { keyIndexes.map { row[$0] } }
}

extension RowStatement {
    func bind(_ value: StoredValue) {
        switch value {
        case .null: bindNull()
        case .integer(let value): bind(value)
        case .text(let value): bind(value)
        case .bytes(let value): bind(bytes: value)
        }
    }

    func storedRow(columnCount: Int) -> StoredRow {
        (0..<Int32(columnCount)).map { column in
            switch storedKind(column) {
            case .null: .null
            case .integer: .integer(integer(column))
            case .text: .text(text(column))
            case .blob: .bytes(bytes(column))
            }
        }
    }
}

extension ColumnDefinition {
    /// A value of this column for people; `nil` for NULL.
    package func text(of value: StoredValue) -> String? {
        switch (kind, value) {
        case (_, .null): nil
        case (.time, .integer(let value)): Instant(microseconds: value).description
        case (.word(let names), .integer(let value)): names.word(value)
        case (_, .integer(let value)): String(value)
        case (_, .text(let value)): value
        case (.identifier(let prefix), .bytes(let bytes)) where bytes.count == 16:
            prefix + "_"
                + Base32.text(of: bytes.reduce(into: UInt128(0)) { $0 = $0 << 8 | UInt128($1) })
        case (_, .bytes(let bytes)): Hexadecimal.text(of: bytes)
        }
    }
}

extension [String] {
    /// The word that a number stands for; the number itself when there is none.
    func word(_ number: Int64) -> String {
        indices.contains(Int(truncatingIfNeeded: number))
            ? self[Int(truncatingIfNeeded: number)] : String(number)
    }
}
