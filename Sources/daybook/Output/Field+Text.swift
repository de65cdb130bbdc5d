import DaybookCore
import DaybookDecisions

/// How amounts are shown to people and in CSV.
enum MoneyStyle: String, CaseIterable, Sendable {
    /// `19.98 GBP`
    case major
    /// `1998`: the raw integer of the currency's minor unit.
    case minor
}

extension Money {
    func text(_ style: MoneyStyle) -> String {
        switch style {
        case .major: "\(self)"
        case .minor: String(minor)
        }
    }
}

extension Field {
    /// The value on one line, safe for a terminal.
    func text(_ money: MoneyStyle) -> String {
        switch self {
        case .none: ""
        case .text(let text): Printable.text(text)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        case .money(let amount): amount.text(money)
        case .texts(let texts): texts.map(Printable.text).joined(separator: ", ")
        case .object(let record): record.json
        case .records(let records): "[" + records.map(\.json).joined(separator: ",") + "]"
        case .json(let text): Printable.text(text)
        }
    }

    /// Numbers and amounts stand on the right of their column.
    var isNumeric: Bool {
        switch self {
        case .number, .money: true
        default: false
        }
    }
}

/// Text that cannot steer a terminal.
enum Printable {
    /// Control characters, bidirectional overrides and line separators become `\u{…}`.
    static func text(_ text: String) -> String {
        // Nearly all text is plain; one pass over bytes finds out.
        guard !text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
