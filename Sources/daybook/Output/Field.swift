import DaybookCore
import DaybookDecisions

/// One value of an answer.
enum Field: Hashable, Sendable {
    /// Nothing known or nothing there: `null`, an empty cell.
    case none
    case text(String)
    case number(Int64)
    case flag(Bool)
    case money(Money)
    case texts([String])
    case object(Record)
    case records([Record])
    /// Text that is JSON already, on one line.
    case json(String)

    /// A value by the text that it has for people: identifiers, instants, positions.
    static func of(_ value: some CustomStringConvertible) -> Field { .text(value.description) }

    static func of(_ value: (some CustomStringConvertible)?) -> Field {
        value.map { .text($0.description) } ?? .none
    }

    static func of(_ value: some FixedWidthInteger) -> Field {
        Int64(exactly: value).map(Field.number) ?? .text(String(value))
    }

    static func of(_ value: LogPosition) -> Field { .of(value.rawValue) }

    static func of(_ value: LogPosition?) -> Field { value.map { .of($0.rawValue) } ?? .none }
}

extension Field: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// Named values in a fixed order.
struct Record: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    struct Member: Hashable, Sendable {
        var name: String
        var value: Field
    }

    private(set) var members: [Member]

    init(_ members: [(String, Field)] = []) {
        self.members = members.map { Member(name: $0.0, value: $0.1) }
    }

    /// The order of the literal is the order of the output.
    init(dictionaryLiteral elements: (String, Field)...) {
        self.init(elements)
    }

    var isEmpty: Bool { members.isEmpty }

    /// The value of the first member of this name.
    subscript(name: String) -> Field? { members.first { $0.name == name }?.value }

    mutating func append(_ name: String, _ value: Field) {
        members.append(Member(name: name, value: value))
    }

    mutating func append(_ other: Record) {
        members += other.members
    }
}
