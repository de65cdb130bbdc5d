internal import DaybookDecisions

/// Line numbers with quantities in one column: `[[1,2],[3,1]]`.
enum LinePairs {
    static func text(of lines: [LineQuantity]) -> String {
        "[" + lines.map { "[\($0.lineNumber),\($0.quantity)]" }.joined(separator: ",") + "]"
    }

    /// Reads what ``text(of:)`` wrote; pairs that are none are left out.
    static func read(_ text: String) -> [[Int]] {
        text.split(separator: "]").compactMap { part in
            let numbers = part.split { !$0.isNumber }.compactMap { Int($0) }
            return numbers.count == 2 ? numbers : nil
        }
    }
}
