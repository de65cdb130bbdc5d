/// What a run of a ``LogWorld`` did.
package struct LogWorldReport: Hashable, Sendable {
    /// Images of the disk after a power cut or kill that were recovered and judged.
    package var crashPoints = 0
    package var recoveries = 0
    /// Images that were damaged before they were opened, and how many of them hurt acknowledged bytes.
    package var damagedImages = 0
    package var refusals = 0
    package var steps = 0
    package var batches = 0
    package var situations = SituationCounts<LogSituation>()
    package var trace: UInt64 = 0

    package init() {}

    package mutating func merge(_ other: LogWorldReport) {
        crashPoints += other.crashPoints
        recoveries += other.recoveries
        damagedImages += other.damagedImages
        refusals += other.refusals
        steps += other.steps
        batches += other.batches
        situations.merge(other.situations)
        trace = trace &* 31 ^ other.trace
    }
}
