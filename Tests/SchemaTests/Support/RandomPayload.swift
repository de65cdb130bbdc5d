import DaybookCore
import DaybookDecisions

/// Writes random valid payloads from descriptors alone, so that the hand codec is checked against
/// the schema and not against itself.
///
/// Fields stand in order and zeros are left out, as every writer of proto3 does it; hence what is
/// written is what the codec must write.
struct RandomPayload {
    var generator: SeededGenerator
    private let schema = EventSchema.current

    init(generator: SeededGenerator) {
        self.generator = generator
    }

    mutating func payload(of message: MessageDescriptor) -> [UInt8] {
        var writer = WireWriter()
        for field in message.fields {
            let count =
                field.isRepeated
                ? Int.random(in: 0...6, using: &generator)
                : field.isOptional && generator.chance(1, in: 2) ? 0 : 1
            for _ in 0..<count { append(field, to: &writer) }
        }
        return writer.bytes
    }

    private mutating func append(_ field: FieldDescriptor, to writer: inout WireWriter) {
        let isAlways = field.isRepeated || field.hasPresence
        switch field.type {
        case .message(let index):
            writer.alwaysField(field.number, bytes: payload(of: schema.messages[index]))
        case .text where isAlways:
            writer.alwaysField(field.number, text: text(field.kind))
        case .text:
            writer.field(field.number, text: text(field.kind))
        case .bytes:
            let value = bytes(field.kind)
            if !value.isEmpty || isAlways { writer.alwaysField(field.number, bytes: value) }
        default:
            let value = number(field)
            if value != 0 || isAlways { writer.alwaysField(field.number, varint: value) }
        }
    }

    private mutating func number(_ field: FieldDescriptor) -> UInt64 {
        switch (field.type, field.kind) {
        case (.int32, "Quantity"): return UInt64(Int.random(in: 1...100_000, using: &generator))
        case (.int32, "BasisPoints"): return UInt64(Int.random(in: 0...100_000, using: &generator))
        case (.int32, _): return UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: interesting())))
        case (.uint32, _): return UInt64(UInt32(truncatingIfNeeded: interesting()))
        case (.bool, _): return generator.next() & 1
        case (.enumeration(let index), _):
            // Zero is "unspecified", which no event may hold.
            let values = schema.enums[index].values.filter { $0.number != 0 }
            return UInt64(values.randomElement(using: &generator)!.number)
        default: return interesting()
        }
    }

    /// Numbers near the places where their encoding gets longer, and ones from everywhere.
    private mutating func interesting() -> UInt64 {
        switch generator.next() % 4 {
        case 0: 0
        case 1: (1 << UInt64.random(in: 0..<64, using: &generator)) &- generator.next() % 2
        case 2: generator.next() % 1_000
        default: generator.next()
        }
    }

    private mutating func bytes(_ kind: String) -> [UInt8] {
        let count: Int
        switch kind {
        case "": count = Int.random(in: 0...300, using: &generator)
        case "Digest", "EmailDigest": count = 32
        default: count = 16
        }
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    private mutating func text(_ kind: String) -> String {
        switch kind {
        case "Currency": return ["GBP", "EUR", "JPY", "KWD"].randomElement(using: &generator)!
        case "SKU": return visible(Int.random(in: 1...64, using: &generator))
        case "LocationID": return visible(Int.random(in: 1...32, using: &generator))
        default:
            let limit = generator.chance(1, in: 20) ? 20_000 : 200
            return visible(Int.random(in: 0...limit, using: &generator))
        }
    }

    private mutating func visible(_ count: Int) -> String {
        let letters = Array("abcXYZ0189-_./ÄéЖ漢𝄞\"\\")
        return String((0..<count).map { _ in letters.randomElement(using: &generator)! })
    }
}
