package import DaybookCore
package import DaybookTestKit

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

/// How a mistake was found.
package struct MutantFinding {
    package var mistake: PlantedMistake
    /// The property that does not hold with it; `nil`: none was found.
    package var killer: OrderProperty?
    package var counterexample: Counterexample?

    /// The most commands that a minimal counterexample may have.
    package static let sizeLimit = 5

    /// How many commands the counterexample has; one value is one command.
    package var size: Int? {
        counterexample.map { $0.commandCount ?? 1 }
    }
}

/// Plants one mistake after another and looks for the property that finds it.
package struct MutantHunt {
    /// Which property is tried first for a mistake, by the mistake's name: the one that found it last
    /// time. The others follow.
    package var suspects: [String: String]
    private let properties = OrderProperties.all

    package init(suspects: [String: String] = [:]) {
        self.suspects = suspects
    }

    /// - Precondition: the build contains the mistakes, and no other thread runs rules of orders.
    package func find(_ mistake: PlantedMistake) -> MutantFinding {
        precondition(Mutant.isCompiledIn, "MutantHunt: a release build makes no mistake on purpose")
        let suspect = suspects[mistake.name]
        var order = properties.filter { $0.name == suspect }
        order += properties.filter { $0.name != suspect }
        return mistake.planted {
            for round in [1, 8] {
                for property in order {
                    var options = property.options
                    options.cases = property.caseCount * round
                    let report = property.property.run(options)
                    if let counterexample = report.counterexample {
                        return MutantFinding(
                            mistake: mistake, killer: property, counterexample: counterexample)
                    }
                }
            }
            return MutantFinding(mistake: mistake)
        }
    }
}
