package import DaybookCore
import DaybookTestKit

/// A mistake in a rule of orders, from either list.
package enum PlantedMistake: Hashable, Sendable {
    case mutant(Mutant)
    /// One of the simulator's that needs neither disk nor crash.
    case bug(PlantedBug)

    /// All that the properties of orders are to find.
    package static var all: [PlantedMistake] {
        let bugs: [PlantedBug] = [
            .stockKeptAfterDecline, .latePaymentIgnored, .messageTakenTwice, .newGatewayKeyOnRetry,
            .mailsNotInSnapshot, .refundNotAdded, .parcelOfOneLine, .discontinuedStaysOnSale,
            .keysNotFolded,
        ]
        return Mutant.allCases.map { .mutant($0) } + bugs.map { .bug($0) }
    }

    package var name: String {
        switch self {
        case .mutant(let mutant): mutant.rawValue
        case .bug(let bug): bug.rawValue
        }
    }

    /// Runs `body` with the mistake in the whole process, on which nothing else may be running.
    func planted<Result>(_ body: () -> Result) -> Result {
        switch self {
        case .mutant(let mutant): Mutant.plant(mutant)
        case .bug(let bug): PlantedBug.plant(bug)
        }
        defer {
            Mutant.plant(nil)
            PlantedBug.plant(nil)
        }
        return body()
    }
}

/// Looks for the property that finds a mistake.
package enum MutantHunt {
    /// - Parameters:
    ///   - suspect: the name of the property that is tried first; the others follow.
    /// - Precondition: the build contains the mistakes, and no other thread runs rules of orders.
    package static func find(_ mistake: PlantedMistake, suspect: String? = nil) -> MutantRow {
        precondition(Mutant.isCompiledIn, "MutantHunt: a release build makes no mistake on purpose")
        let found = mistake.planted { hunt(mistake, suspect: suspect) }
        // Killed by the mistake, and by nothing else: without it the same case does not fail.
        guard let found,
            found.property.property.replay(found.example.choices).verdict != .failed
        else {
            return MutantRow(mistake: mistake.name)
        }
        return row(mistake, found.property, found.example)
    }

    private static func hunt(
        _ mistake: PlantedMistake, suspect: String?
    ) -> (property: OrderProperty, example: Counterexample)? {
        let properties = OrderProperties.all
        let suspects = properties.filter { $0.name == suspect }
        for (round, order) in [(8, suspects), (1, properties), (8, properties)] {
            for property in order {
                if let example = counterexample(of: property, round: round),
                    example.isReproducible
                {
                    return (property, example)
                }
            }
        }
        return nil
    }

    private static func counterexample(
        of property: OrderProperty, round: Int
    ) -> Counterexample? {
        var options = PropertyOptions(cases: property.caseCount * round, corpus: nil)
        // Enough for small cases; more would take most of the hunt's time.
        options.shrinkRuns = property.caseCount * 4
        let example = property.property.run(options).counterexample
        guard let example, size(of: example) > MutantRow.commandLimit else { return example }
        // Worth more work.
        options.shrinkRuns *= 10
        return property.property.run(options).counterexample
    }

    private static func size(of example: Counterexample) -> Int { example.commandCount ?? 1 }

    private static func row(
        _ mistake: PlantedMistake, _ property: OrderProperty, _ example: Counterexample
    ) -> MutantRow {
        var row = MutantRow(mistake: mistake.name)
        row.killer = property.name
        row.commands = size(of: example)
        row.events = example.eventCount ?? row.commands
        row.example = "\(example.message)\n\(example.source)\n(\(example.shrinkRuns) runs)"
        return row
    }
}
