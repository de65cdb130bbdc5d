/// Where the power goes in copies of a world.
package enum CrashPlan {
    /// At every call, as often as the options say, with choices drawn from this seed.
    case explore(seed: UInt64)
    /// At one place only: after so many visits of each level, with these choices.
    case replay([CrashPoint])
    /// At every place of the main line with the same choices, to find where a shortened run still
    /// fails; deeper crashes as given.
    case search([CrashPoint])
    /// At every call of the main line with each of these models, and at every call of the recoveries
    /// that follow, so many crashes deep, with one of them in turn.
    case everywhere(models: [UInt32], depth: Int)
}

/// One crash: after how many visits of its level, and what was chosen from then on.
package struct CrashPoint: Hashable, Sendable, Codable {
    package var ordinal: Int
    package var choices: [UInt32]
}

/// A promise that was not kept, with everything that repeats it.
package struct SimulationFailure: Error, CustomStringConvertible {
    package var violation: Violation
    /// Of the main line.
    package var choices: [UInt32]
    /// From the main line inwards; empty when the main line itself failed.
    package var crashes: [CrashPoint]

    package init(violation: Violation, choices: [UInt32], crashes: [CrashPoint] = []) {
        self.violation = violation
        self.choices = choices
        self.crashes = crashes
    }

    package var description: String { violation.description }
}

/// Keeps track of where in nested crashes a world is, and of the first failure.
final class CrashExplorer {
    private let plan: CrashPlan
    private var ordinals: [Int] = [0]
    private var path: [(ordinal: Int, chance: Chance)] = []
    private(set) var failure: (violation: Violation, crashes: [CrashPoint])?

    /// The main line and three recoveries.
    static let depthLimit = 4

    init(plan: CrashPlan) {
        self.plan = plan
    }

    /// Comes by a place at which the power may go, and lets it go as the plan says.
    func visit(level: Int, forks: Int, _ body: (Chance) throws(Violation) -> Void) {
        guard failure == nil else { return }
        ordinals[level] += 1
        let ordinal = ordinals[level]
        switch plan {
        case .explore(let seed):
            let place = path.reduce(seed) { Chance.seed($0, UInt64($1.ordinal)) }
            for index in 0..<forks {
                let chance = Chance(seed: Chance.seed(place, UInt64(ordinal), UInt64(index)))
                enter(level, ordinal, chance, body)
            }
        case .everywhere(let models, _):
            let turn = models[ordinal % models.count]
            for model in level == 0 ? models : [turn] {
                enter(level, ordinal, Chance(replaying: [model]), body)
            }
        case .replay(let crashes):
            guard level < crashes.count, crashes[level].ordinal == ordinal else { return }
            enter(level, ordinal, Chance(replaying: crashes[level].choices), body)
        case .search(let crashes):
            guard level < crashes.count, level == 0 || crashes[level].ordinal == ordinal else {
                return
            }
            enter(level, ordinal, Chance(replaying: crashes[level].choices), body)
        }
    }

    private func enter(
        _ level: Int, _ ordinal: Int, _ chance: Chance, _ body: (Chance) throws(Violation) -> Void
    ) {
        guard failure == nil else { return }
        path.append((ordinal, chance))
        ordinals.append(0)
        do throws(Violation) { try body(chance) } catch { fail(error) }
        ordinals.removeLast()
        path.removeLast()
    }

    /// Whether a crash at this level is crashed again while it recovers.
    func nests(_ level: Int, _ chance: Chance, rarity: Int) -> Bool {
        // Rarer the deeper, or the deepest crashes would crowd out all others.
        let wanted = rarity > 0 && chance.happens(1, in: rarity << level)
        guard level + 1 < CrashExplorer.depthLimit else { return false }
        switch plan {
        case .explore: return wanted
        case .everywhere(_, let depth): return level + 1 < depth
        case .replay(let crashes), .search(let crashes): return level + 1 < crashes.count
        }
    }

    /// Keeps the first failure and how to come back to it.
    func fail(_ violation: Violation) {
        guard failure == nil else { return }
        failure = (
            violation, path.map { CrashPoint(ordinal: $0.ordinal, choices: $0.chance.choices) }
        )
    }
}
