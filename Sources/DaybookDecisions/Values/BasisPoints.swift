/// A rate in hundredths of a per cent: 0 ... 100,000; 1,000 is 10 %.
public struct BasisPoints: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible
{
    public static let range: ClosedRange<Int32> = 0...100_000
    public static let zero = BasisPoints(checked: 0)
    public let rawValue: Int32

    public init?(rawValue: Int32) {
        guard BasisPoints.range.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(checked rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static func < (left: BasisPoints, right: BasisPoints) -> Bool {
        left.rawValue < right.rawValue
    }
    public var description: String { String(rawValue) }
}
