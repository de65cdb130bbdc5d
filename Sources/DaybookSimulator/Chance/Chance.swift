/// Every random choice of a simulation, drawn from one seed and recorded, or given back from a record.
///
/// A record is all that a run needs to be repeated. Choices are made so that 0 is the simplest one (no
/// fault, no more work, the smallest size): a replay whose record is used up gets zeros, so cutting
/// or zeroing a record gives a simpler run, which is how failures are made small.
package final class Chance {
    /// What was drawn so far.
    package private(set) var choices: [UInt32] = []
    private var generator: SplitMix64
    private let record: [UInt32]?

    /// Draws from a seed.
    package init(seed: UInt64) {
        generator = SplitMix64(state: seed)
        record = nil
    }

    /// Gives recorded choices back, then zeros.
    package init(replaying choices: [UInt32]) {
        generator = SplitMix64(state: 0)
        record = choices
    }

    /// A number from 0 to `count` - 1.
    ///
    /// A recorded number that is too large for this question counts as the largest one.
    package func below(_ count: Int) -> Int {
        precondition(count > 0 && count <= 1 << 32, "Chance: a choice among \(count)")
        guard count > 1 else { return 0 }
        let choice: UInt32
        if let record {
            let next = choices.count < record.count ? record[choices.count] : 0
            choice = min(next, UInt32(truncatingIfNeeded: count - 1))
        } else {
            let scaled = generator.next().multipliedFullWidth(by: UInt64(count)).high
            choice = UInt32(truncatingIfNeeded: scaled)
        }
        choices.append(choice)
        return Int(choice)
    }

    /// True in about `part` of `whole` cases; the recorded 0 means no.
    package func happens(_ part: Int, in whole: Int) -> Bool {
        below(whole) >= whole - part
    }

    /// One of the elements; the first is the simplest.
    package func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// One of the elements, each as often as its weight says; elements of weight 0 never.
    package func pick<Element>(_ elements: [(Element, weight: Int)]) -> Element {
        var rest = below(elements.reduce(0) { $0 + $1.weight })
        for (element, weight) in elements {
            if rest < weight { return element }
            rest -= weight
        }
        preconditionFailure("Chance: the weights were added up wrong")
    }

    /// A number from 0 to `limit`, small ones more often: each further bit is half as likely.
    package func size(upTo limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        let bits = below(limit.bitWidth - limit.leadingZeroBitCount + 1)
        return min(limit, bits == 0 ? 0 : below(1 << bits))
    }

    /// A seed for a part of the run with choices of its own.
    package static func seed(_ parts: UInt64...) -> UInt64 {
        parts.reduce(0) { mixed, part in
            var generator = SplitMix64(state: mixed ^ part)
            return generator.next()
        }
    }
}
