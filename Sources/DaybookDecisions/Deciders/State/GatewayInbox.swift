import DaybookCore

/// A message of the provider that belongs to no payment known so far.
struct UnmatchedMessage: Hashable, Sendable {
    let message: GatewayEventReceived
    let position: LogPosition
    let receivedAt: Instant
}

/// Which messages of the provider were taken in, for as long as it may repeat them.
struct GatewayInbox: ~Copyable, Sendable {
    /// Providers retry for days, and keep keys for up to 30 (DOMAIN 3.4).
    static let memory: Int64 = 30 * 86_400

    struct Seen: Hashable, Sendable {
        let providerEventID: String
        let receivedAt: Instant
    }

    /// In log order.
    private(set) var seen: [Seen] = []
    private var start = 0
    private var ids: Set<String> = []
    /// In log order; few.
    private(set) var unmatched: [UnmatchedMessage] = []

    func copy() -> GatewayInbox {
        var copy = GatewayInbox()
        copy.seen = seen
        copy.start = start
        copy.ids = ids
        copy.unmatched = unmatched
        return copy
    }

    var seenInMemory: ArraySlice<Seen> { seen[start...] }

    func hasSeen(_ providerEventID: String) -> Bool { ids.contains(providerEventID) }

    func unmatched(withReference reference: String) -> [GatewayEventReceived] {
        unmatched.filter { $0.message.reference == reference }.map(\.message)
    }

    mutating func receive(_ event: GatewayEventReceived, at position: LogPosition, on time: Instant)
    {
        forget(before: time.advanced(bySeconds: -GatewayInbox.memory))
        remember(Seen(providerEventID: event.providerEventID, receivedAt: time))
        if !event.matched {
            keep(UnmatchedMessage(message: event, position: position, receivedAt: time))
        }
    }

    /// The payment behind a reference is known now, and what was kept for it was acted upon.
    mutating func settle(reference: String) {
        guard !unmatched.isEmpty else { return }
        unmatched.removeAll { $0.message.reference == reference }
    }

    mutating func remember(_ message: Seen) {
        guard ids.insert(message.providerEventID).inserted else { return }
        seen.append(message)
    }

    mutating func keep(_ message: UnmatchedMessage) {
        unmatched.append(message)
    }

    private mutating func forget(before limit: Instant) {
        while start < seen.count, seen[start].receivedAt < limit {
            ids.remove(seen[start].providerEventID)
            start += 1
        }
        if start > 1_024, start * 2 > seen.count {
            seen.removeFirst(start)
            start = 0
        }
        if !unmatched.isEmpty { unmatched.removeAll { $0.receivedAt < limit } }
    }
}
