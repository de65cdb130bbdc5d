import DaybookCore
import DaybookDecisions

extension JSONWriter {
    mutating func value(_ field: Field) {
        switch field {
        case .none: null()
        case .text(let text): value(text)
        case .number(let number): value(number)
        case .flag(let flag): value(flag)
        case .money(let money):
            object { writer in
                writer.member("minor", money.minor)
                writer.member("currency", money.currency.rawValue)
            }
        case .texts(let texts): array { writer in texts.forEach { writer.value($0) } }
        case .object(let record): value(record)
        case .records(let records): array { writer in records.forEach { writer.value($0) } }
        case .json(let text): value(json: text)
        }
    }

    mutating func value(_ record: Record) {
        object { $0.members(of: record) }
    }

    mutating func members(of record: Record) {
        for member in record.members {
            key(member.name)
            value(member.value)
        }
    }
}

extension Record {
    /// One line of JSON.
    var json: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }
}
