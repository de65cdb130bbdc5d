/// Something that holds for every value that a generator makes.
///
/// # The test kit on one page
///
/// ```swift
/// import DaybookTestKit
///
/// @Test func `money survives being written and read`() throws {
///     try check("money round trip", .minorUnits()) { amount in
///         try requireEqual(parse(format(amount)), amount)
///     }
/// }
/// ```
///
/// - **Generators** (``Generator``): `.integer(in:)`, `.oneOf`, `.text()`, `.name("book")`,
///   `.emailAddress()`, `.array(count:)`, `combine(_:)`; your own: `Generator { choices in … }`.
/// - **Bodies** throw to say no: ``require(_:_:file:line:)``, ``requireEqual(_:_:_:file:line:)``, any
///   error; ``assume(_:_:)`` gives a case up. Swift Testing's `#expect` does not throw, so use these.
/// - **Sentences** without chance: `try given(MyDecider.self, events).when(command).then(events)`,
///   `.thenRejected(reason)`, `.thenNothing()`; `given(MyProjector.self, facts).then(table)`;
///   `given(event).then(intents, by: policy)`; `given(log: bytes).then(report)`.
/// - **Asynchronous** bodies: `Property(name, generator, interleaving: { value in try await … })`.
/// - **Histories**: describe your decider once as a ``Workload``; `workload.histories` generates only
///   what it can produce. A mistake is planted by replacing `workload.decide` or `workload.evolve`.
/// - **Laws** (``Law``): each takes your types and gives a property: `try Law.everyPrefix(of: workload,
///   keeps: invariants).check()`.
/// - **Model tests**: ``Law/agreement(_:commands:system:model:run:expect:compare:)`` and
///   ``Law/linearizable(_:clients:store:)``.
/// - **Simulation**: ``SimulatedStore`` runs decider and projector on a disk that crashes.
/// - **A time budget**: ``PropertySuite``.
///
/// A failure throws ``PropertyFailure``, which says the seed, the smallest case in Swift, and the file
/// from which it runs first the next time. Works in Swift Testing, XCTest and neither.
public struct Property {
    public let name: String
    let attempt: (Choices) -> CaseOutcome

    /// - Parameters:
    ///   - labels: how the case is counted in the report.
    ///   - body: throws when the property does not hold for the value.
    public init<Value>(
        _ name: String, _ generator: Generator<Value>,
        labels: @escaping (Value) -> [String] = { _ in [] },
        body: @escaping (Value) throws -> Void
    ) {
        self.init(name, generator) { value, choices in
            for label in labels(value) { choices.label(label) }
            try body(value)
        }
    }

    /// - Parameter body: may label the case by what came of it.
    public init<Value>(
        _ name: String, _ generator: Generator<Value>,
        labellingBody body: @escaping (Value, Choices) throws -> Void
    ) {
        self.name = name
        attempt = { choices in
            var drawn: Value?
            do {
                let value = try generator.draw(from: choices)
                drawn = value
                try body(value, choices)
                return .held
            } catch let discard as Discard {
                return .discarded(discard)
            } catch {
                return .failed(CaseFailure(error, drawn))
            }
        }
    }

    /// A property of asynchronous work: the choices decide which of its tasks goes on, so that a race is
    /// found, made small and replayed like everything else.
    ///
    /// - Parameter body: runs with ``Interleaving``; tasks that it starts are to end with it.
    public init<Value: Sendable>(
        _ name: String, _ generator: Generator<Value>,
        interleaving body: @escaping @Sendable (Value) async throws -> Void
    ) {
        self.init(
            name, generator,
            labellingBody: { value, choices in
                try Interleaving.run(choices) { try await body(value) }
            })
    }

    private init(name: String, attempt: @escaping (Choices) -> CaseOutcome) {
        self.name = name
        self.attempt = attempt
    }

    /// The same property under another name, such as a law under the number of one's own list.
    public func renamed(_ name: String) -> Property { Property(name: name, attempt: attempt) }

    /// Runs cases until one fails, there are enough, or the time is used up.
    public func run(_ options: PropertyOptions = .standard) -> PropertyReport {
        PropertyRun(self, options).report()
    }

    /// Runs one case, as a report names it, and leaves it as it is.
    public func replay(_ choices: [UInt64]) -> PropertyReport {
        var options = PropertyOptions(corpus: nil)
        options.shrinkRuns = 0
        return PropertyRun(self, options).report(of: choices)
    }

    /// Runs the property.
    ///
    /// - Throws: ``PropertyFailure`` when it does not hold, or too many cases are given up.
    @discardableResult
    public func check(_ options: PropertyOptions = .standard) throws -> PropertyReport {
        let report = run(options)
        guard report.hasHeld else { throw PropertyFailure(report: report) }
        return report
    }
}

/// Runs a property over what the generator makes.
///
/// - Throws: ``PropertyFailure`` when it does not hold, or too many cases are given up.
@discardableResult
public func check<Value>(
    _ name: String, _ generator: Generator<Value>, _ options: PropertyOptions = .standard,
    labels: @escaping (Value) -> [String] = { _ in [] },
    body: @escaping (Value) throws -> Void
) throws -> PropertyReport {
    try Property(name, generator, labels: labels, body: body).check(options)
}

/// What one case came to.
enum CaseOutcome {
    case held
    case discarded(Discard)
    case failed(CaseFailure)
}

/// Why a case failed, and what the case was.
struct CaseFailure {
    let error: any Error
    private let value: Any?

    init(_ error: any Error, _ value: Any?) {
        self.error = error
        self.value = value
    }

    var message: String { "\(error)" }
    var source: String { value.map { swiftSource(of: $0) } ?? "// The generator itself failed." }
    var eventCount: Int? { (value as? any CountsEvents)?.eventCount }
    var commandCount: Int? { (value as? any CountsCommands)?.commandCount }

    /// Failures of the same kind have the same cause, as far as one can see.
    var kind: String {
        if let failure = error as? RequirementFailure { return "\(failure.file):\(failure.line)" }
        if let broken = error as? LawBroken { return "law: \(broken.clause)" }
        if let violation = error as? SimulationViolation {
            return "simulation: \(violation.promise)"
        }
        return String(reflecting: type(of: error))
    }
}
