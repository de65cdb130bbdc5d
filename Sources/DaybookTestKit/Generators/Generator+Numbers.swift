public import DaybookCore

extension Generator where Value: FixedWidthInteger {
    /// A whole number; becomes smaller towards the target.
    ///
    /// - Parameters:
    ///   - range: as wide as the type or narrower; types up to 64 bits.
    ///   - target: the simplest number; as a rule 0, or the end of the range that is next to it.
    ///   - favourites: numbers where mistakes like to sit; drawn in every third case.
    public static func integer(
        in range: ClosedRange<Value>, towards target: Value? = nil,
        favouring favourites: [Value] = []
    ) -> Generator {
        precondition(Value.bitWidth <= 64, "Generator: whole numbers have up to 64 bits")
        let origin = min(max(target ?? 0, range.lowerBound), range.upperBound)
        let above = distance(from: origin, to: range.upperBound)
        let below = distance(from: range.lowerBound, to: origin)
        let liked = favourites.filter(range.contains)
        let likedAbove = liked.filter { $0 >= origin }.map { distance(from: origin, to: $0) }
        let likedBelow = liked.filter { $0 <= origin }.map { distance(from: $0, to: origin) }
        return Generator { choices in
            let isBelow = try below > 0 && (above == 0 || choices.happens(1, in: 2))
            let distance = try choices.draw(
                through: isBelow ? below : above, .favouring(isBelow ? likedBelow : likedAbove))
            let step = Value(truncatingIfNeeded: distance)
            return isBelow ? origin &- step : origin &+ step
        }
    }

    /// Any number that the type can hold.
    public static var anyInteger: Generator { integer(in: .min ... .max) }

    private static func distance(from low: Value, to high: Value) -> UInt64 {
        UInt64(truncatingIfNeeded: high &- low) & (.max >> (64 - UInt64(Value.bitWidth)))
    }
}

extension Generator<Bool> {
    /// `false` is the simpler one.
    public static var bool: Generator<Bool> {
        Generator { choices in try choices.happens(1, in: 2) }
    }
}

extension Generator<Int64> {
    /// An amount of money in minor units, often next to a round one.
    public static func minorUnits(
        in range: ClosedRange<Int64> = 0...1_000_000, towards target: Int64? = nil
    ) -> Generator<Int64> {
        .integer(
            in: range, towards: target,
            favouring: [0, 1, 5, 9, 15, 25, 50, 99, 100, 101, 999, 1_000, 1_998, 9_999, 10_000])
    }

    /// Seconds by which a clock jumps forward; often to just before, at and just after a deadline.
    ///
    /// - Parameter deadlines: in seconds from the moment that they count from.
    public static func clockJump(
        across deadlines: [Int64] = [60, 3_600, 86_400]
    ) -> Generator<Int64> {
        let favourites = [0, 1] + deadlines.flatMap { [$0, $0 + 1, $0 - 1] }.filter { $0 >= 0 }
        let longest = (favourites.max() ?? 1) * 2
        return .integer(in: 0...longest, favouring: favourites)
    }
}

extension Generator where Value: TypedIdentifier {
    /// One of a few identifiers, so that they collide; the first is the simplest.
    public static func identifier(among count: Int = 3) -> Generator {
        Generator { choices in Value(rawValue: UInt128(try choices.below(count) + 1)) }
    }
}
