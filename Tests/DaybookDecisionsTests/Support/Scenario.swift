import DaybookCore
import DaybookDecisions
import Testing

/// Identifiers 1, 2, 3 ...
struct CountingIdentifiers: IdentifierSource {
    var last: UInt128 = 0

    mutating func next() -> UInt128 {
        last += 1
        return last
    }
}

/// A shop that commands are tried on: given what happened, when a command comes, then these events or
/// this rejection.
final class Scenario {
    private(set) var shop = ShopDecider.initial
    private(set) var facts: [Fact] = []
    var now: Instant
    var settings: ShopSettings
    private var identifiers = CountingIdentifiers(last: 100)

    init(settings: ShopSettings = ShopSettings(), at now: String = "2026-01-01T12:00:00Z") {
        self.settings = settings
        self.now = Instant(now) ?? Instant(microseconds: 0)
    }

    /// What happened before.
    @discardableResult
    func given(_ events: Event...) -> Scenario {
        record(events)
        return self
    }

    func record(_ events: [Event]) {
        for event in events {
            let fact = Fact(
                position: LogPosition(rawValue: UInt64(facts.count + 1)), recordedAt: now,
                event: event)
            facts.append(fact)
            ShopDecider.evolve(&shop, with: fact)
        }
    }

    func decide(
        _ command: PreparedCommand, as actor: Actor = .operator(nil)
    ) -> Result<[Event], Rejection> {
        var context = DecisionContext(
            now: now, actor: actor, settings: settings, identifiers: identifiers)
        do {
            let events = try ShopDecider.decide(command, given: shop, in: &context)
            if let used = context.identifiers as? CountingIdentifiers { identifiers = used }
            return .success(events)
        } catch {
            return .failure(error)
        }
    }

    /// Decides and records.
    @discardableResult
    func when(_ command: PreparedCommand, as actor: Actor = .operator(nil)) -> Outcome {
        let before = facts.count
        let result = decide(command, as: actor)
        if case .success(let events) = result { record(events) }
        return Outcome(scenario: self, result: result, facts: Array(facts[before...]))
    }

    func wait(_ seconds: Int64) {
        now = now.advanced(bySeconds: seconds)
    }

    func move(to text: String) {
        now = Instant(text) ?? now
    }

    /// The events of the log from a position on, in brief.
    func brief(from index: Int = 0) -> [String] { facts[index...].map { $0.event.brief } }

    /// Folding the whole log again, from empty or through a snapshot, gives the same state.
    func replayed() -> Shop {
        var replay = ShopDecider.initial
        for fact in facts { ShopDecider.evolve(&replay, with: fact) }
        return replay
    }
}

/// What came of a command.
struct Outcome {
    let scenario: Scenario
    let result: Result<[Event], Rejection>
    let facts: [Fact]

    var events: [Event] { (try? result.get()) ?? [] }

    var rejection: Rejection? {
        if case .failure(let rejection) = result { rejection } else { nil }
    }

    /// The events in brief, as written in the test.
    @discardableResult
    func then(
        _ expected: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) -> Outcome {
        switch result {
        case .success(let events):
            #expect(events.map(\.brief) == expected, sourceLocation: sourceLocation)
        case .failure(let rejection):
            Issue.record("rejected: \(rejection)", sourceLocation: sourceLocation)
        }
        return self
    }

    @discardableResult
    func thenRejected(
        _ code: String, _ message: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Outcome {
        #expect(rejection?.code == code, sourceLocation: sourceLocation)
        if let message { #expect(rejection?.message == message, sourceLocation: sourceLocation) }
        return self
    }

    /// The details in brief: `sku=A available=5`.
    var details: String {
        (rejection?.details ?? []).map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}
