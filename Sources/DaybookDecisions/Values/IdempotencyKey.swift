/// A caller's name for one wish, so that asking twice has one effect: 1 ... 255 visible ASCII
/// characters. Scoped to actor and command.
public struct IdempotencyKey: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init?(rawValue: String) {
        guard (1...255).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    public init?(_ text: some StringProtocol) {
        self.init(rawValue: String(text))
    }

    public var description: String { rawValue }
}
