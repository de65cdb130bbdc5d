import DaybookProperties
import DaybookTestKit
import Testing

/// Checks the property of the test's name; a failure prints the seed and the smallest case.
///
/// Longer: `DAYBOOK_CASES=5000 swift test --filter OrderPropertyTests`, or each for `DAYBOOK_SECONDS=60`;
/// with other cases: `DAYBOOK_SEED=…`.
func hold(_ test: String = #function) throws {
    let name = String(test.filter { $0 != "`" }.dropLast(2))
    let property = try #require(OrderProperties.property(named: name), "there is no '\(name)'")
    try property.property.check(property.options)
}
