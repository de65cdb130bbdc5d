/// What a campaign about append conditions must have met: every row of the contract, and the places
/// where an answer may come from.
package enum ConditionSituation: String, CaseIterable, Sendable {
    // Rows of the contract
    case afterIsExclusive = "a match exactly at `after` does not stand against an append"
    case afterAtHead = "`after` is the head: nothing can stand against it"
    case afterBeyondHead = "`after` beyond the head is an error"
    case emptyQuery = "an empty list of items is an error"
    case withoutAfterConflict = "without `after` any match stands against an append"
    case withoutAfterAppended = "without `after` and without a match it is appended"
    case queryAllConflict = "Query.all: any event beyond `after` stands against it"
    case queryAllAppended = "Query.all: nothing beyond `after`"
    case unconditional = "no condition"
    case itemsAreAlternatives = "the first item does not match, another does"
    case typesAreAlternatives = "the first type does not match, another does"
    case tagsAreAllNeeded = "an event with one of the tags, but not all, does not conflict"
    case typeOnly = "an item without tags conflicts"
    case tagOnly = "an item without types conflicts"
    case firstOfSeveral = "several events stand against it; the first is named"
    case duplicateTag = "a tag stands twice on the event that conflicts"
    case refusedStagesNothing =
        "after a refusal the next append gets the position it would have had"
    case oneOfTwoWins =
        "two writers read the same, both append: the second conflicts with the first"

    // Where the conflicting event is
    case conflictInSameGroup = "conflict with a batch staged in the same group"
    case conflictInFlight = "conflict with a batch of a closed group that is not durable yet"
    case conflictInActiveSegment = "conflict with a durable event of the active segment"
    case conflictInSealedUnindexed = "conflict in a sealed segment before the background indexed it"
    case conflictInSealedIndexed = "conflict in a sealed segment with an index"
    case appendedAcrossSealed = "no conflict in two or more sealed segments"

    // What happens meanwhile
    case rotated = "a segment was sealed within a history"
    case indexed = "an index was written within a history"
    case reopened = "the log was closed and opened between read and append"
    case killed = "the process died with staged groups; writers go on"
    case readForwards = "a query read forwards equals the model"
    case readBackwards = "a query read backwards with a limit equals the model"
}
