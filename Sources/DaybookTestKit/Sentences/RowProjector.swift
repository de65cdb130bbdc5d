public import DaybookCore

/// A fact on its way to a projector: with its place in the log, by which a projector knows what it
/// has taken before.
public struct Delivery<Fact> {
    public var position: LogPosition
    public var fact: Fact

    public init(_ fact: Fact, at position: LogPosition) {
        self.position = position
        self.fact = fact
    }
}

extension Delivery: Equatable where Fact: Equatable {}
extension Delivery: Hashable where Fact: Hashable {}
extension Delivery: Sendable where Fact: Sendable {}

/// The facts at positions 1, 2, 3 ….
public func deliveries<Fact>(_ facts: [Fact]) -> [Delivery<Fact>] {
    facts.enumerated().map { index, fact in
        Delivery(fact, at: LogPosition(rawValue: UInt64(index + 1)))
    }
}

/// Turns facts into rows that can be asked for: the form in which the kit tests projectors.
///
/// A projector that keeps its rows elsewhere, such as in SQLite, is wrapped in a small type.
public protocol RowProjector {
    associatedtype Fact

    /// A read model of nothing.
    init() throws

    /// Takes a run of facts, positions ascending. A position that was taken before must not count
    /// again.
    mutating func project(_ run: [Delivery<Fact>]) throws

    /// What readers see, rows in an order that does not depend on how they came about.
    func tables() throws -> [RowTable]
}

/// Begins a sentence about a projector: *given events, then rows*.
///
/// ```swift
/// try given(LentBooks.self, facts).then(
///     """
///     book | lent to
///     -----+--------
///     dune | ann
///     """)
/// ```
public func given<P: RowProjector>(_ projector: P.Type, _ facts: P.Fact...) -> GivenRun<P> {
    GivenRun(deliveries: deliveries(facts))
}

/// Begins a sentence about a projector with a list of facts.
public func given<P: RowProjector>(_ projector: P.Type, _ facts: [P.Fact]) -> GivenRun<P> {
    GivenRun(deliveries: deliveries(facts))
}

/// Facts that a projector takes.
public struct GivenRun<P: RowProjector> {
    let deliveries: [Delivery<P.Fact>]

    /// The rows are these, as a text table; blanks at the ends of lines do not count.
    ///
    /// - Throws: ``RequirementFailure`` with the caller's file and line and the difference, or what the
    ///   projector throws.
    public func then(_ table: String, file: String = #fileID, line: Int = #line) throws {
        var projector = try P()
        try projector.project(deliveries)
        let actual = tableText(try projector.tables()).normalisedTable
        let expected = table.normalisedTable
        guard actual != expected else { return }
        throw RequirementFailure(
            "the rows differ\n\(Difference(expected: expected, actual: actual))",
            file: file, line: line)
    }
}
