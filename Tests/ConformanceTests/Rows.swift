/// The rows of DOMAIN.md sections 1, 2 and 6: the reference's rules, its defects, the golden traces.
///
/// There is no D-51.
enum Rows {
    static let all =
        rules(1...8, 10...43, 50...60, 70...79, 80...90, 100...118, 120...128, 130...138)
        + (1...54).filter { $0 != 51 }.map { "D-" + padded($0, to: 2) }
        + (1...22).map { "G-\($0)" }

    /// Rows that speak of HTTP alone; there is no HTTP server in this program.
    static let ofHTTPOnly: Set<String> = ["S-051", "S-052", "S-058", "D-48"]

    private static func rules(_ ranges: ClosedRange<Int>...) -> [String] {
        ranges.flatMap { $0.map { "S-" + padded($0, to: 3) } }
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
