public import DaybookCore

/// An event as it is stored: type, schema version and payload.
public struct StoredEvent: Hashable, Sendable {
    public var type: EventType
    public var schemaVersion: UInt32
    public var payload: [UInt8]

    public init(type: EventType, schemaVersion: UInt32, payload: [UInt8]) {
        self.type = type
        self.schemaVersion = schemaVersion
        self.payload = payload
    }
}

extension Law {
    /// Folding what was stored by older programs and lifted equals folding what a program of today
    /// stores; lifting is pure.
    ///
    /// - Parameters:
    ///   - upcasters: all steps, in any order.
    ///   - store: the event as a program of some time stored it: in today's version or, if that time
    ///     knew as much, an older one. Draws the version from the choices; 0 stands for today.
    ///   - read: the event in today's version.
    public static func upcastThenFoldEqualsFold<D>(
        _ workload: Workload<D>, upcasters: [any Upcaster],
        store: @escaping (D.Fact, Choices) throws -> StoredEvent,
        read: @escaping (StoredEvent) throws -> D.Fact
    ) -> Property where D.State: Equatable {
        let cases = Generator { choices in
            let history = try workload.histories.draw(from: choices)
            return StoredFacts(
                facts: history.facts, stored: try history.facts.map { try store($0, choices) },
                eventCount: history.eventCount)
        }
        return Property("upcast then fold of \(D.self) equals fold", cases) { history in
            let lifted = try history.stored.map { stored in
                let once = try upcast(stored, by: upcasters)
                try same(try upcast(stored, by: upcasters), once, "lifted twice")
                return try read(once)
            }
            try same(workload.fold(lifted), workload.fold(history.facts), "lifted and folded")
        }
    }

    /// Lifts an event as far as there are steps.
    public static func upcast(
        _ event: StoredEvent, by upcasters: [any Upcaster]
    ) throws -> StoredEvent {
        var lifted = event
        while let step = upcasters.first(where: {
            $0.type == lifted.type && $0.fromSchemaVersion == lifted.schemaVersion
        }) {
            lifted.payload = try step.upcast(lifted.payload)
            lifted.schemaVersion += 1
        }
        return lifted
    }
}

/// Facts and what older programs stored for them.
struct StoredFacts<Fact>: CountsEvents {
    var facts: [Fact]
    var stored: [StoredEvent]
    var eventCount: Int
}
