internal import GRDB

/// Rows in one column: `1,"A";2,"B"`, whole numbers and JSON texts, commas between the values of a row and
/// semicolons between rows.
///
/// What belongs to one row and is read with it needs no rows of its own; a view unfolds it, see
/// ``json(_:)``. The bytes depend on the values only, so that digests can be compared.
enum RowList {
    /// The rows of a column as a JSON array of arrays, in SQL.
    ///
    /// Semicolons stand between rows only: inside of texts they are escaped.
    static func json(_ column: String) -> String {
        "CASE \(column) WHEN '' THEN '[]' ELSE '[[' || replace(\(column), ';', '],[') || ']]' END"
    }
}

struct RowListWriter {
    private(set) var bytes: [UInt8] = []
    private var rowCount = 0
    private var valueCount = 0

    /// Forgets what was written; the memory stays.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        rowCount = 0
    }

    /// Writes one row; `body` adds its values in order.
    mutating func row(_ body: (inout RowListWriter) -> Void) {
        if rowCount > 0 { bytes.append(0x3B) }
        valueCount = 0
        body(&self)
        rowCount += 1
    }

    mutating func add(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(0x2D) }
        // Without a string for each: a rebuild of the orders writes some fifteen numbers an order (ADR 0018).
        var divisor: UInt64 = 1
        while value.magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value.magnitude / divisor % 10))
            divisor /= 10
        }
    }

    /// Adds values without the zeros at their end.
    mutating func add(whileNotZero values: Int64...) {
        guard let last = values.lastIndex(where: { $0 != 0 }) else { return }
        for value in values[...last] { add(value) }
    }

    mutating func add(_ value: String) {
        separate()
        let start = bytes.count
        JSONText.append(value, to: &bytes)
        guard value.utf8.contains(0x3B) else { return }
        let text = bytes[start...]
        bytes.removeSubrange(start...)
        for byte in text {
            if byte == 0x3B { bytes.append(contentsOf: "\\u003b".utf8) } else { bytes.append(byte) }
        }
    }

    private mutating func separate() {
        if valueCount > 0 { bytes.append(0x2C) }
        valueCount += 1
    }
}

/// Reads what ``RowListWriter`` wrote, value by value, without copies of what is not asked for.
///
/// Confined to the life of the bytes.
struct RowListReader {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    /// Reads all rows.
    ///
    /// - Parameter make: asks for the values of a row in order; `nil` when they are none of its kind. Values
    ///   behind them, which a later version may write, are stepped over.
    /// - Throws: `SQLITE_CORRUPT` when the bytes are no such list.
    static func rows<Row>(
        _ bytes: UnsafeRawBufferPointer, _ make: (inout RowListReader) -> Row?
    ) throws -> [Row] {
        var rows: [Row] = []
        try forEachRow(bytes) { list in
            guard let row = make(&list) else { return false }
            rows.append(row)
            return true
        }
        return rows
    }

    /// Visits all rows, keeping none.
    ///
    /// - Parameter visit: asks for the values of a row in order; `false` when they are none of its kind.
    /// - Throws: `SQLITE_CORRUPT` when the bytes are no such list; what `visit` throws.
    @inline(__always)
    static func forEachRow(
        _ bytes: UnsafeRawBufferPointer, _ visit: (inout RowListReader) throws -> Bool
    ) throws {
        guard !bytes.isEmpty else { return }
        var list = RowListReader(bytes)
        repeat {
            guard try visit(&list), list.skipRest() else { throw list.damage }
        } while list.take(semicolon)
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The row's next value; `nil` when it is no whole number of 64 bits.
    mutating func integer() -> Int64? {
        _ = take(RowListReader.comma)
        let isNegative = take(0x2D)
        let start = place
        var value: Int64 = 0
        while let byte = peek(), byte >= 0x30, byte <= 0x39 {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - 0x30)
            let (sum, exceeds) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflows, !exceeds else { return nil }
            value = sum
            place += 1
        }
        return place > start ? value : nil
    }

    /// Whether the row has no more values.
    var isAtEnd: Bool { place == bytes.count || bytes[place] == RowListReader.semicolon }

    /// The row's next value, 0 behind its end; `nil` when it is no whole number of 64 bits.
    mutating func integerOrZero() -> Int64? { isAtEnd ? 0 : integer() }

    /// The row's next value; `nil` when it is no text that ``RowListWriter`` writes.
    mutating func text() -> String? {
        _ = take(RowListReader.comma)
        let start = place
        guard passText() else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: bytes[(start + 1)..<(place - 1)])
        guard content.contains(RowListReader.backslash) else {
            return String(decoding: content, as: UTF8.self)
        }
        return RowListReader.unescaped(content)
    }

    // MARK: Private

    private static let semicolon: UInt8 = 0x3B
    private static let comma: UInt8 = 0x2C
    private static let quote: UInt8 = 0x22
    private static let backslash: UInt8 = 0x5C

    private var damage: DatabaseError {
        DatabaseError(
            resultCode: .SQLITE_CORRUPT, message: "a list of rows is broken at its byte \(place)")
    }

    private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

    /// Steps over the rest of a row; `false` when a text in it does not end.
    private mutating func skipRest() -> Bool {
        while !isAtEnd {
            if bytes[place] == RowListReader.quote {
                guard passText() else { return false }
            } else {
                place += 1
            }
        }
        return true
    }

    /// Steps over a text, quotes included; `false` when there is none, or it does not end.
    private mutating func passText() -> Bool {
        guard take(RowListReader.quote) else { return false }
        while let byte = peek() {
            place += byte == RowListReader.backslash ? 2 : 1
            if byte == RowListReader.quote { return true }
        }
        return false
    }

    /// Of the escapes only those that ``JSONText`` writes.
    private static func unescaped(_ content: UnsafeRawBufferPointer) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var place = 0
        while place < content.count {
            guard content[place] == backslash else {
                result.append(content[place])
                place += 1
                continue
            }
            guard place + 1 < content.count else { return nil }
            switch content[place + 1] {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "u"):
                let digits = content.dropFirst(place + 2).prefix(4)
                guard digits.count == 4,
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                result.append(value)
                place += 4
            case let byte: result.append(byte)
            }
            place += 2
        }
        return String(decoding: result, as: UTF8.self)
    }
}
