/// What a campaign about append conditions must have met: every row of the contract, and the places
/// where an answer may come from.
package enum ConditionSituation: Int, CaseIterable, Sendable {
    // Rows of the contract
    /// A match exactly at `after` does not stand against an append.
    case afterIsExclusive
    /// `after` is the head: nothing can stand against it.
    case afterAtHead
    /// `after` beyond the head is an error.
    case afterBeyondHead
    /// An empty list of items is an error.
    case emptyQuery
    /// Without `after` any match stands against an append.
    case withoutAfterConflict
    /// Without `after` and without a match it is appended.
    case withoutAfterAppended
    /// Query.all: any event beyond `after` stands against it.
    case queryAllConflict
    /// Query.all: nothing beyond `after`.
    case queryAllAppended
    /// No condition.
    case unconditional
    /// The first item does not match, another does.
    case itemsAreAlternatives
    /// The first type does not match, another does.
    case typesAreAlternatives
    /// An event with one of the tags, but not all, does not conflict.
    case tagsAreAllNeeded
    /// An item without tags conflicts.
    case typeOnly
    /// An item without types conflicts.
    case tagOnly
    /// Several events stand against it; the first is named.
    case firstOfSeveral
    /// A tag stands twice on the event that conflicts.
    case duplicateTag
    /// After a refusal the next append gets the position it would have had.
    case refusedStagesNothing
    /// Two writers read the same, both append: the second conflicts with the first.
    case oneOfTwoWins

    // Where the conflicting event is
    /// Conflict with a batch staged in the same group.
    case conflictInSameGroup
    /// Conflict with a batch of a closed group that is not durable yet.
    case conflictInFlight
    /// Conflict with a durable event of the active segment.
    case conflictInActiveSegment
    /// Conflict in a sealed segment before the background indexed it.
    case conflictInSealedUnindexed
    /// Conflict in a sealed segment with an index.
    case conflictInSealedIndexed
    /// No conflict in two or more sealed segments.
    case appendedAcrossSealed

    // What happens meanwhile
    /// A segment was sealed within a history.
    case rotated
    /// An index was written within a history.
    case indexed
    /// The log was closed and opened between read and append.
    case reopened
    /// The process died with staged groups; writers go on.
    case killed
    /// A query read forwards equals the model.
    case readForwards
    /// A query read backwards with a limit equals the model.
    case readBackwards
}

/// How often each situation came up; a campaign in which one never did has proved less than it says.
package struct ConditionTally: Sendable {
    private var counts = [Int](repeating: 0, count: ConditionSituation.allCases.count)

    mutating func note(_ situation: ConditionSituation) { counts[situation.rawValue] += 1 }

    mutating func merge(_ other: ConditionTally) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// In the order in which they are declared.
    package var table: [(name: String, count: Int)] {
        ConditionSituation.allCases.map { ("\($0)", counts[$0.rawValue]) }
    }

    package var neverReached: [String] { table.filter { $0.count == 0 }.map(\.name) }
}
