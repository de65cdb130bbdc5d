internal import DaybookSimulator

/// Every choice that makes one case: drawn from a seed and recorded, or given back from a record.
///
/// A record is all that a case needs to be repeated, and all that has to be made smaller to make the
/// case smaller. Choices are made so that 0 is the simplest one: a replay whose record is used up gets
/// zeros, and a recorded number that is too large counts as the largest. So every record gives a valid
/// case, and what was really drawn is recorded anew.
///
/// Deterministic: the same seed gives the same choices on every machine.
///
/// Source: MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", 2020.
public final class Choices {
    /// What was drawn so far.
    public private(set) var record: [UInt64] = []
    /// How large a case is wanted, from 1 (tiny) to 100; counts for cases drawn from a seed only.
    public let size: Int
    /// Which parts of the record belong together, in the order in which they began.
    private(set) var spans: [Span] = []
    /// Where each choice was made.
    private(set) var places: [Place] = []
    private(set) var labels: [String] = []
    private var depth = 0
    private var random: SplitMix64
    private let replayed: [UInt64]?

    /// A case of more choices than this is given up: its generator does not end.
    static let limit = 1 << 16

    /// A part of the record that one generator drew.
    struct Span: Hashable {
        var range: Range<Int>
        var depth: Int
    }

    /// Choices of the same place are likely to mean the same kind of thing.
    struct Place: Hashable {
        var maximum: UInt64
        var depth: Int
    }

    /// Draws from a seed.
    public init(seed: UInt64, size: Int = 100) {
        self.size = size
        random = SplitMix64(state: seed)
        replayed = nil
    }

    /// Gives recorded choices back, then zeros.
    public init(replaying record: [UInt64]) {
        size = 100
        random = SplitMix64(state: 0)
        replayed = record
    }
}

// MARK: - Drawing

extension Choices {
    /// How a number is chosen when it comes from a seed. A record keeps the number only.
    public enum Bias {
        /// Each number as often.
        case even
        /// Each number of binary digits as often, and 0 and the largest more often.
        case small
        /// One of these in every third case, otherwise as `small`.
        case favouring([UInt64])
        /// A number that is an index here, as often as its weight says.
        case weights([Int])
    }

    /// A number from 0 through `maximum`.
    ///
    /// - Throws: ``Discard`` when the case has become too long.
    public func draw(through maximum: UInt64, _ bias: Bias = .even) throws -> UInt64 {
        guard record.count < Choices.limit else {
            throw Discard(reason: "more than \(Choices.limit) choices")
        }
        let choice: UInt64
        if let replayed {
            choice = record.count < replayed.count ? min(replayed[record.count], maximum) : 0
        } else {
            choice = chosen(maximum, bias)
        }
        record.append(choice)
        places.append(Place(maximum: maximum, depth: depth))
        return choice
    }

    /// A number from 0 to `count` - 1.
    public func below(_ count: Int, _ bias: Bias = .even) throws -> Int {
        precondition(count > 0, "Choices: a choice among \(count)")
        return Int(try draw(through: UInt64(count - 1), bias))
    }

    /// True in about `part` of `whole` cases; the recorded 0 means no.
    public func happens(_ part: Int, in whole: Int) throws -> Bool {
        try below(2, .weights([whole - part, part])) == 1
    }

    /// Records a yes that is not up to chance, so that forced and free parts look alike.
    func force() throws {
        _ = try draw(through: 1, .weights([0, 1]))
    }

    /// Marks what `body` draws as one part, which is left out, made simple or moved as a whole.
    public func part<Result>(_ body: () throws -> Result) rethrows -> Result {
        let index = spans.count
        spans.append(Span(range: record.count..<record.count, depth: depth))
        depth += 1
        defer {
            depth -= 1
            spans[index].range = spans[index].range.lowerBound..<record.count
        }
        return try body()
    }

    /// Counts the case under a label in the report.
    public func label(_ text: String) {
        if !labels.contains(text) { labels.append(text) }
    }

    private func chosen(_ maximum: UInt64, _ bias: Bias) -> UInt64 {
        switch bias {
        case .even: return random.through(maximum)
        case .small: return small(maximum)
        case .favouring(let favourites):
            guard !favourites.isEmpty, random.through(2) == 0 else { return small(maximum) }
            return min(maximum, favourites[Int(random.through(UInt64(favourites.count - 1)))])
        case .weights(let weights):
            var rest = random.through(UInt64(max(1, weights.reduce(0, +)) - 1))
            for (index, weight) in weights.enumerated() {
                if rest < UInt64(weight) { return min(maximum, UInt64(index)) }
                rest -= UInt64(weight)
            }
            return 0
        }
    }

    private func small(_ maximum: UInt64) -> UInt64 {
        switch random.through(15) {
        case 0: return 0
        case 1: return maximum
        default:
            let digits = random.through(UInt64(64 - maximum.leadingZeroBitCount))
            return digits == 0 ? 0 : min(maximum, random.through(.max >> (64 - digits)))
        }
    }
}

/// A case that says nothing about the property: it is counted and otherwise left alone.
public struct Discard: Error, Hashable, Sendable {
    public var reason: String

    public init(reason: String) {
        self.reason = reason
    }
}

/// FNV-1a: the same on every machine, unlike `Hasher`.
func stableHash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
