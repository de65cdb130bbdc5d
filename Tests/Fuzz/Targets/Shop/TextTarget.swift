internal import DaybookCore
internal import DaybookDecisions

/// Everything that is read from a line of text: times, identifiers, amounts, tags, addresses.
enum TextTarget {
    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 1 else { return }
        let text = String(decoding: input[1...], as: UTF8.self)
        switch input[0] % 11 {
        case 0: comesBack(Instant(text)) { Instant($0.description) }
        case 1: comesBack(Tag(text)) { Tag($0.description) }
        case 2: comesBack(Actor(text)) { Actor($0.description) }
        case 3: comesBack(OrderID(text)) { OrderID($0.description) }
        case 4: _ = Money(argument: text)
        case 5: _ = ItemArgument(argument: text)
        case 6: _ = LineArgument(argument: text)
        case 7: _ = try? CanonicalEmail(text)
        case 8: comesBack(SKU(text)) { SKU($0.rawValue) }
        case 9: _ = Base64.bytes(of: text)
        default: _ = Spelling.nearest(to: text, among: CommandReader.names)
        }
        // Any eight bytes are an instant.
        guard input.count >= 9 else { return }
        let instant = Instant(
            microseconds: input.loadUnaligned(fromByteOffset: 1, as: Int64.self))
        require(Instant(instant.description) == instant, "an instant does not come back from text")
    }

    private static func comesBack<Value: Equatable>(_ value: Value?, _ again: (Value) -> Value?) {
        guard let value else { return }
        require(again(value) == value, "a \(Value.self) does not come back from its text")
    }
}
