internal import Foundation

/// How a property is run.
public struct PropertyOptions: Sendable {
    /// How many cases are wanted; cases that are given up do not count.
    public var cases: Int
    /// The same seed gives the same cases; `nil`: one that follows from the property's name.
    public var seed: UInt64?
    /// No case is begun later than this after the first; `nil`: all of them.
    public var budget: Duration?
    /// How many cases may be given up for each that counts, once there were 20 of them.
    public var discardLimit = 5
    /// How many runs making a failure smaller may take.
    public var shrinkRuns = 5_000
    /// The folder that failures are written to, and from which they run first; `nil`: none.
    public var corpus: String?

    /// The folder where `.standard` keeps failures: hidden, so that builds do not wonder at it.
    public static let standardCorpus = ".daybook/failures"

    public init(
        cases: Int = 200, seed: UInt64? = nil, budget: Duration? = nil,
        corpus: String? = standardCorpus
    ) {
        self.cases = cases
        self.seed = seed
        self.budget = budget
        self.corpus = corpus
    }

    /// 200 cases, changed by the environment, so that a run can be repeated or made longer without a
    /// change of code: `DAYBOOK_CASES`, `DAYBOOK_SEED`, `DAYBOOK_SECONDS`, `DAYBOOK_CORPUS` (empty:
    /// none).
    public static var standard: PropertyOptions {
        var options = PropertyOptions()
        let environment = ProcessInfo.processInfo.environment
        if let cases = environment["DAYBOOK_CASES"].flatMap({ Int($0) }) { options.cases = cases }
        options.seed = environment["DAYBOOK_SEED"].flatMap { UInt64($0) }
        options.budget = environment["DAYBOOK_SECONDS"].flatMap { Double($0) }.map { .seconds($0) }
        if let folder = environment["DAYBOOK_CORPUS"] {
            options.corpus = folder.isEmpty ? nil : folder
        }
        return options
    }
}
