import DaybookCore

/// An idempotency key as it is kept: the hash of its scope, and the first event of the batch that it
/// caused.
struct KeyEntry: Hashable, Sendable {
    var hash: UInt128
    var position: UInt64
}

/// What a set of keys adds up to: equal for equal sets, in whatever order and place they are.
///
/// Holds sets against each other without keeping them. Against mistakes, not against forgery: whoever
/// can write files of the store can write its sums too.
struct KeyTally: Hashable, Sendable {
    var count: UInt64 = 0
    var sum: UInt128 = 0

    mutating func add(_ entry: KeyEntry) {
        count &+= 1
        // Odd, so that the sum follows every bit of the hash; of the position, so that two keys cannot
        // exchange theirs.
        sum &+= entry.hash &* (UInt128(entry.position) << 1 | 1)
    }

    static func + (left: KeyTally, right: KeyTally) -> KeyTally {
        KeyTally(count: left.count &+ right.count, sum: left.sum &+ right.sum)
    }
}
