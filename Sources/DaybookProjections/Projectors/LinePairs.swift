internal import DaybookDecisions

/// Line numbers with quantities in one column, a JSON array of arrays: `[[1,2],[3,1]]`.
enum LinePairs {
    static func text(of lines: [LineQuantity]) -> String {
        let pairs = lines.map { "[\($0.lineNumber),\($0.quantity.rawValue)]" }
        return "[" + pairs.joined(separator: ",") + "]"
    }

    /// Reads what ``text(of:)`` wrote; of anything else nothing.
    static func read(_ text: String) -> [[Int]] {
        var numbers: [Int] = []
        for part in text.split(whereSeparator: "[],".contains) {
            guard let number = Int(part) else { return [] }
            numbers.append(number)
        }
        guard numbers.count.isMultiple(of: 2) else { return [] }
        return stride(from: 0, to: numbers.count, by: 2).map { Array(numbers[$0..<($0 + 2)]) }
    }
}
