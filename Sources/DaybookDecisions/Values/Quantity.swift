/// A number of units on an order line: 1 ... 100,000. Zero and negative cannot be written.
public struct Quantity: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let range: ClosedRange<Int32> = 1...100_000
    public let rawValue: Int32

    public init?(rawValue: Int32) {
        guard Quantity.range.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    public static func < (left: Quantity, right: Quantity) -> Bool {
        left.rawValue < right.rawValue
    }
    public var description: String { String(rawValue) }
}
