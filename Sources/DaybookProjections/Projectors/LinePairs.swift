internal import DaybookDecisions

/// Line numbers with quantities in one column, a JSON array of arrays: `[[1,2],[3,1]]`.
enum LinePairs {
    static func text(of lines: [LineQuantity]) -> String {
        let pairs = lines.map { "[\($0.lineNumber),\($0.quantity.rawValue)]" }
        return "[" + pairs.joined(separator: ",") + "]"
    }

    /// Reads what ``text(of:)`` wrote; of anything else nothing.
    static func read(_ text: String) -> [[Int]] {
        // As a row list has them.
        var list: [UInt8] = []
        for byte in text.utf8.dropFirst(2).dropLast(2) {
            switch byte {
            case UInt8(ascii: "[") where !list.isEmpty: list[list.endIndex - 1] = UInt8(ascii: ";")
            case UInt8(ascii: "]"): continue
            default: list.append(byte)
            }
        }
        let pairs = try? list.withUnsafeBytes { bytes in
            try RowListReader.rows(bytes) { list in
                list.integer().flatMap { line in list.integer().map { [Int(line), Int($0)] } }
            }
        }
        return pairs ?? []
    }
}
