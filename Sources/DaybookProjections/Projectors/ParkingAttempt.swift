internal import DaybookCore
internal import DaybookDecisions

/// What one try with a stretch of facts would change about what is parked; dropped when it fails.
struct ParkingAttempt {
    private(set) var held: Set<String>
    /// Newly parked, of subjects that are not in `queues`.
    private(set) var added: [ParkedEvent] = []
    /// Everything that waits of a subject of which something was released.
    private(set) var queues: [String: [ParkedEvent]] = [:]
    private(set) var appliedCount = 0

    init(held: Set<String>) {
        self.held = held
    }

    mutating func park(_ fact: Fact, _ subject: String, because reason: String?) {
        let parked = ParkedEvent(fact: fact, subject: subject, reason: reason)
        held.insert(subject)
        if queues[subject] != nil {
            queues[subject]?.append(parked)
        } else {
            added.append(parked)
        }
    }

    /// What waits of a subject, stored or newly parked.
    mutating func queue(of subject: String, in store: ParkedStore) throws -> [ParkedEvent] {
        if let queue = queues[subject] { return queue }
        let queue = try store.events(of: subject) + added.filter { $0.subject == subject }
        added.removeAll { $0.subject == subject }
        queues[subject] = queue
        return queue
    }

    /// - Parameter applied: how many of the subject's events went into the rows.
    mutating func replace(_ queue: [ParkedEvent], of subject: String, applied: Int) {
        queues[subject] = queue
        appliedCount += applied
        if queue.isEmpty { held.remove(subject) }
    }

    /// The subjects of which a position is parked.
    func subjects(at position: LogPosition, in store: ParkedStore) throws -> [String] {
        let stored = try store.events(at: position).map(\.subject)
            .filter { queues[$0] == nil }
        let new = added.filter { $0.fact.position == position }.map(\.subject)
        let changed = queues.filter { $0.value.contains { $0.fact.position == position } }.keys
        return Set(stored + new + changed).sorted()
    }

    func write(to store: ParkedStore) throws {
        for (subject, queue) in queues.sorted(by: { $0.key < $1.key }) {
            try store.remove(subject)
            for parked in queue { try store.insert(parked) }
        }
        for parked in added { try store.insert(parked) }
    }
}
