/// How often each rare situation came up: a campaign in which one never did has proved less than it
/// says, so it fails.
package struct SituationCounts<Situation>: Hashable, Sendable
where
    Situation: CaseIterable & Hashable & Sendable & RawRepresentable, Situation.RawValue == String
{
    package private(set) var counts: [Situation: Int] = [:]

    package init() {}

    package mutating func note(_ situation: Situation, times: Int = 1) {
        counts[situation, default: 0] += times
    }

    package mutating func merge(_ other: SituationCounts) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    package subscript(situation: Situation) -> Int { counts[situation] ?? 0 }

    /// In the order in which they are declared.
    package var table: [(name: String, count: Int)] {
        Situation.allCases.map { ($0.rawValue, self[$0]) }
    }

    package var neverReached: [String] { table.filter { $0.count == 0 }.map(\.name) }
}
