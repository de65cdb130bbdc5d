/// The names of the files in a log's directory.
///
/// Format: Schemas/log/FORMAT.md, Files.
package enum LogFileName {
    package static let mark = "MARK"
    package static let lock = "LOCK"
    package static let spare = "spare.seg"
    package static let quarantine = "quarantine"
    package static let indexFolder = "index"
    /// An index that is being written.
    package static let newIndex = "index/new.idx"

    /// `index/segment-00000000000000000001.idx`
    package static func index(_ segment: UInt64) -> String {
        "\(indexFolder)/segment-\(twentyDigits(segment)).idx"
    }

    /// `index/group-00000000000000000001.idx`
    package static func group(from segment: UInt64) -> String {
        "\(indexFolder)/group-\(twentyDigits(segment)).idx"
    }

    private static func twentyDigits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }

    /// A repair that was decided and is not yet complete and recorded.
    package static let repair = "REPAIR"
    static let repairDraft = "repair.tmp"
    /// Of a corrected file before it takes the place of the damaged one.
    static let repairedSuffix = ".repaired"

    /// Means nothing once the log is opened for writing.
    static func isLeftover(_ name: String) -> Bool {
        name == spare || name == repairDraft || name.hasSuffix(repairedSuffix)
    }

    /// `log-00000000000000000001.seg`
    package static func segment(_ number: UInt64) -> String {
        "log-\(twentyDigits(number)).seg"
    }

    /// The number in a segment's name; `nil` for every other name.
    package static func segmentNumber(of name: String) -> UInt64? {
        let text = name.utf8
        // Twenty digits, leading zeros and all: no number has two names.
        guard text.count == 28, text.starts(with: "log-".utf8),
            text.suffix(4).elementsEqual(".seg".utf8)
        else { return nil }
        var number: UInt64 = 0
        for byte in text.dropFirst(4).dropLast(4) {
            // Beyond 2^62 no segment has a number; a quarter of it still has room for a digit.
            guard byte &- UInt8(ascii: "0") < 10, number < 1 << 60 else { return nil }
            number = number * 10 + UInt64(byte &- UInt8(ascii: "0"))
        }
        return (1..<1 << 62).contains(number) ? number : nil
    }
}
