/// What a run of a ``StoreWorld`` did.
package struct StoreReport: Hashable, Sendable {
    package var runs = 0
    package var requests = 0
    package var acknowledged = 0
    package var crashes = 0
    package var recoveries = 0
    package var steps = 0
    package var batches = 0
    package var situations = SituationCounts<StoreSituation>()
    /// Equal for equal choices.
    package var trace: UInt64 = 0

    package init() {}

    package mutating func merge(_ other: StoreReport) {
        runs += other.runs
        requests += other.requests
        acknowledged += other.acknowledged
        crashes += other.crashes
        recoveries += other.recoveries
        steps += other.steps
        batches += other.batches
        situations.merge(other.situations)
        trace = trace &* 31 ^ other.trace
    }
}
