/// What all cycles came to.
package struct KillTotals: Sendable {
    package var cycleCount = 0
    package var killCount = 0
    /// Killed before the log was touched, while it was opened, under load.
    package var killsAtStart = 0
    package var killsInOpen = 0
    package var killsUnderLoad = 0
    /// Killed between the first and the last step of a change to the next segment, judged by what
    /// the next start found.
    package var killsInRotation = 0
    package var terminationCount = 0
    package var slowestTerminationMicroseconds: Int64 = 0
    package var acknowledgedCount = 0
    package var conflictCount = 0
    /// In the log without an acknowledgement: allowed, if whole.
    package var survivorCount = 0
    package var repeatedCount = 0
    package var tornCount = 0
    package var rewrittenCount = 0
    package var directoryCount = 0
    package var recoveryMicroseconds: [Int64] = []
    package var violations: [String] = []
    /// Kept for whoever looks into a violation.
    package var keptDirectories: [String] = []

    package init() {}

    package mutating func add(_ other: KillTotals) {
        cycleCount += other.cycleCount
        killCount += other.killCount
        killsAtStart += other.killsAtStart
        killsInOpen += other.killsInOpen
        killsUnderLoad += other.killsUnderLoad
        killsInRotation += other.killsInRotation
        terminationCount += other.terminationCount
        slowestTerminationMicroseconds = max(
            slowestTerminationMicroseconds, other.slowestTerminationMicroseconds)
        acknowledgedCount += other.acknowledgedCount
        conflictCount += other.conflictCount
        survivorCount += other.survivorCount
        repeatedCount += other.repeatedCount
        tornCount += other.tornCount
        rewrittenCount += other.rewrittenCount
        directoryCount += other.directoryCount
        recoveryMicroseconds += other.recoveryMicroseconds
        violations += other.violations
        keptDirectories += other.keptDirectories
    }

    /// Acknowledged batches that the log does not have.
    package var lostCount: Int { violations.count { $0.hasPrefix("LOST") } }
}

/// The nearest-rank percentile in milliseconds; 0 of nothing.
package func milliseconds(_ percent: Int, of microseconds: [Int64]) -> Double {
    guard !microseconds.isEmpty else { return 0 }
    let rank = (microseconds.count * percent + 99) / 100
    return Double(microseconds.sorted()[max(rank, 1) - 1]) / 1_000
}
