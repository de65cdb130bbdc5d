internal import DaybookCore
package import DaybookDecisions

/// An event, or the part of it that is about one subject, that is not in the rows yet.
package struct ParkedEvent: Hashable, Sendable {
    package var fact: Fact
    /// Whose rows wait.
    package var subject: String
    /// Why it could not be taken; `nil`: it waits behind one of the same subject that could not.
    package var reason: String?
}

/// How many events a read model has set aside.
package struct ParkedCount: Hashable, Sendable {
    package var events: UInt64 = 0
    /// Of those, how many could not be taken; the others wait behind them.
    package var refused: UInt64 = 0
    /// How many orders, products, people or mails stand still.
    package var subjects: UInt64 = 0
    /// Why the newest one could not be taken.
    package var lastReason: String?

    package init(
        events: UInt64 = 0, refused: UInt64 = 0, subjects: UInt64 = 0, lastReason: String? = nil
    ) {
        self.lastReason = lastReason
        self.events = events
        self.refused = refused
        self.subjects = subjects
    }
}

/// What a second try with parked events led to.
package struct RetryResult: Hashable, Sendable {
    /// Now in the rows.
    package var applied = 0
    /// Of the subjects that were tried, what is still parked.
    package var parked: [ParkedEvent] = []

    package init() {}
}
