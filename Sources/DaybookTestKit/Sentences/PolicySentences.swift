public import DaybookCore

/// Begins a sentence about a policy: *given an event, then intents*.
///
/// ```swift
/// try given(Event.returned("dune", by: "ann")).then(.tell("bob"), by: WaitingListPolicy())
/// ```
public func given<Event>(_ event: Event) -> GivenEvent<Event> { GivenEvent(event: event) }

/// An event that a policy looks at.
public struct GivenEvent<Event> {
    let event: Event

    /// The policy asks for these, in this order; none: it asks for nothing.
    ///
    /// - Throws: ``RequirementFailure`` with the caller's file and line and the difference.
    public func then<P: Policy>(
        _ intents: P.Intent..., by policy: P, file: String = #fileID, line: Int = #line
    ) throws where P.Event == Event, P.Intent: Equatable {
        let actual = policy.intents(after: event)
        guard actual != intents else { return }
        throw RequirementFailure(
            "given \(swiftSource(of: event))\n"
                + Difference(expected: listed(intents), actual: listed(actual)).description,
            file: file, line: line)
    }

    /// The policy asks for nothing.
    public func thenNothing<P: Policy>(
        by policy: P, file: String = #fileID, line: Int = #line
    ) throws where P.Event == Event, P.Intent: Equatable {
        try then(by: policy, file: file, line: line)
    }
}
