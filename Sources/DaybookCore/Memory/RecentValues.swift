/// The values that were used last, at most so many.
///
/// They lie in two halves. What is found in the older one moves to the newer one, and when that is full, what
/// is left of the older one is forgotten: so what is asked for again and again stays, no value carries a place
/// in a list, and no moment comes at which everything is forgotten.
///
/// Inlinable, since what is not specialised for its types costs ten times as much.
///
/// - Complexity: O(1) a question, amortised.
@usableFromInline
package struct RecentValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline var newer: [Key: Value] = [:]
    @usableFromInline var older: [Key: Value] = [:]
    @usableFromInline let halfLimit: Int

    /// - Parameter limit: at least 2; at least half as many of the values used last are kept.
    @inlinable
    package init(limit: Int) {
        precondition(limit >= 2, "RecentValues: each half holds at least one value")
        halfLimit = limit / 2
    }

    /// The value, which counts as used now.
    @inlinable
    package mutating func use(_ key: Key) -> Value? {
        if let value = newer[key] { return value }
        guard let value = older[key] else { return nil }
        set(value, for: key)
        return value
    }

    /// Replaces what was there.
    @inlinable
    package mutating func set(_ value: Value, for key: Key) {
        older[key] = nil
        if newer[key] == nil, newer.count >= halfLimit {
            older = newer
            newer = [:]
        }
        newer[key] = value
    }

    @inlinable
    package mutating func remove(_ key: Key) {
        newer[key] = nil
        older[key] = nil
    }
}
