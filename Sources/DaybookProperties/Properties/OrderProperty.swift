package import DaybookTestKit
import Foundation

/// A property of the project's own domain, with its number in DOMAIN section 5.
package struct OrderProperty {
    /// `P-01` to `P-40`, or the decision that it follows from, such as `Q-2`.
    package let number: String
    package let property: Property
    /// How many cases are run on every change.
    package let caseCount: Int

    init(_ number: String, _ property: Property, caseCount: Int = 150) {
        self.number = number
        self.property = property
        self.caseCount = caseCount
    }

    package var name: String { property.name }

    /// As run on every change: a fixed number of cases from a fixed seed, which follows from the name.
    /// `DAYBOOK_CASES`, `DAYBOOK_SEED` and `DAYBOOK_SECONDS` make it longer or other; with `DAYBOOK_CORPUS`
    /// failures are kept in that folder, and run first.
    package var options: PropertyOptions {
        var options = PropertyOptions.standard
        let environment = ProcessInfo.processInfo.environment
        if environment["DAYBOOK_CORPUS"] == nil { options.corpus = nil }
        if environment["DAYBOOK_CASES"] == nil {
            options.cases = options.budget == nil ? caseCount : .max
        }
        return options
    }
}

/// Every property of orders that is written with the test kit.
package enum OrderProperties {
    package static var all: [OrderProperty] {
        stock + money + identity + events + keys + log + projections
    }

    package static func property(named name: String) -> OrderProperty? {
        all.first { $0.name == name }
    }
}
