internal import DaybookDecisions

/// Line numbers with quantities in one column: `[[1,2],[3,1]]`.
enum LinePairs {
    static func text(of lines: [LineQuantity]) -> String {
        var list = RowListWriter()
        for line in lines {
            list.row {
                $0.add(Int64(line.lineNumber))
                $0.add(Int64(line.quantity.rawValue))
            }
        }
        list.finish()
        return String(decoding: list.bytes, as: UTF8.self)
    }

    /// Reads what ``text(of:)`` wrote; of anything else nothing.
    static func read(_ text: String) -> [[Int]] {
        var text = text
        return text.withUTF8 { bytes in
            let pairs = try? RowListReader.rows(UnsafeRawBufferPointer(bytes)) { list in
                list.integer().flatMap { line in list.integer().map { [Int(line), Int($0)] } }
            }
            return pairs ?? []
        }
    }
}
