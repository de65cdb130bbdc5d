import DaybookCore
import DaybookDecisions
import DaybookTestKit

extension OrderProperties {
    // MARK: Steps

    /// Appends its own version, so that a payload shows which steps it went through.
    private struct NotingStep: Upcaster {
        var type: EventType
        var fromSchemaVersion: UInt32
        var result: EventKind

        func upcast(_ payload: [UInt8]) -> [UInt8] { payload + [UInt8(fromSchemaVersion)] }
    }

    /// A type of some versions, the first of them written under another name.
    private struct Evolution: CountsEvents {
        var current: UInt32
        /// Up to this version the type had its former name.
        var renamedAt: UInt32
        var stored: UInt32

        /// One event is lifted.
        var eventCount: Int { 1 }

        func kind(_ version: UInt32) -> EventKind {
            EventKind(version <= renamedAt ? "Formerly" : "Today", schemaVersion: version)
        }

        var steps: [NotingStep] {
            (1..<current).map { version in
                NotingStep(
                    type: kind(version).type, fromSchemaVersion: version, result: kind(version + 1))
            }
        }
    }

    static var liftingTakesEveryStep: OrderProperty {
        let cases = Generator { choices in
            let current = UInt32(2 + (try choices.below(4)))
            return Evolution(
                current: current, renamedAt: UInt32(try choices.below(Int(current))),
                stored: current - UInt32(try choices.below(Int(current))))
        }
        return OrderProperty(
            "P-29",
            Property("P-29 given any version, then lifting takes every step to today's name", cases)
            {
                evolution in
                let today: EventType = "Today"
                let chain = try UpcasterChain(
                    evolution.steps, currentVersions: [today: evolution.current])
                let stored = evolution.kind(evolution.stored)
                let (kind, payload) = try chain.upcast([0], of: stored)
                try requireEqual(kind, EventKind(today, schemaVersion: evolution.current))
                try requireEqual(
                    payload, [0] + (evolution.stored..<evolution.current).map(UInt8.init))
                let names = chain.formerNames[today] ?? []
                try requireEqual(names, evolution.renamedAt > 0 ? ["Formerly"] : [])
                let recorded = try chain.upcast(event(stored))
                try requireEqual(recorded.kind, kind)
                try requireEqual(recorded.payload, payload)
            })
    }

    private static func event(_ kind: EventKind) -> RecordedEvent {
        RecordedEvent(
            position: LogPosition(rawValue: 1), type: kind.type, schemaVersion: kind.schemaVersion,
            tags: [], payload: [0])
    }

    // MARK: Whole histories

    /// What `StockReceived` could have been before there were locations and before it had its name.
    private enum OldReceipt {
        static let name: EventType = "GoodsReceived"
        static let current = EventKind(StockReceived.type, schemaVersion: 3)
        static let steps: [any Upcaster] = [
            AddLocation(), EventRename(EventKind(name, schemaVersion: 2), to: current),
        ]

        /// The event as a program of that time stored it.
        static func stored(_ event: StockReceived, in version: UInt32) -> [UInt8] {
            var writer = WireWriter(capacity: 32)
            if version == 1 {
                writer.field(1, text: event.sku.rawValue)
                writer.field(3, int: event.quantity)
            } else {
                event.encode(into: &writer)
            }
            return writer.bytes
        }
    }

    /// There was one location then.
    private struct AddLocation: Upcaster {
        let type = OldReceipt.name
        let fromSchemaVersion: UInt32 = 1

        func upcast(_ payload: [UInt8]) -> [UInt8] {
            var writer = WireWriter(capacity: 32)
            writer.field(2, text: LocationID.main.rawValue)
            return payload + writer.bytes
        }
    }

    /// A history of which some events were stored by older programs.
    private struct AgedHistory: CountsCommands, CountsEvents, SwiftSourceConvertible {
        var history: ShopHistory
        /// By position, the version that each receipt of goods was stored in.
        var versions: [LogPosition: UInt32]

        var commandCount: Int { history.commandCount }
        var eventCount: Int { history.eventCount }
        var swiftSource: String {
            let stored = versions.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value)" }
            return "\(history.swiftSource)\n// stored: \(stored.joined(separator: ", "))"
        }
    }

    static var liftedEqualsNative: OrderProperty {
        let cases = Generator { choices in
            let history = try ShopWorkload.histories.draw(from: choices)
            var versions: [LogPosition: UInt32] = [:]
            for fact in history.facts.suffix(history.eventCount) {
                guard case .stockReceived(let event) = fact.event else { continue }
                let age = UInt32(try choices.below(event.location == .main ? 3 : 2))
                versions[fact.position] = 3 - age
            }
            return AgedHistory(history: history, versions: versions)
        }
        return OrderProperty(
            "P-29",
            Property(
                "P-29 given events of older programs, then lifted they fold like today's", cases
            ) {
                aged in
                let chain = try UpcasterChain(
                    OldReceipt.steps, currentVersions: [OldReceipt.current.type: 3])
                let facts = try aged.history.facts.map { fact in
                    guard case .stockReceived(let event) = fact.event,
                        let version = aged.versions[fact.position]
                    else { return fact }
                    let name = version == 3 ? OldReceipt.current.type : OldReceipt.name
                    let (kind, payload) = try chain.upcast(
                        OldReceipt.stored(event, in: version),
                        of: EventKind(name, schemaVersion: version))
                    try requireEqual(kind, OldReceipt.current)
                    var lifted = fact
                    lifted.event = .stockReceived(try received(payload))
                    return lifted
                }
                let state = ShopWorkload.workload().fold(facts)
                try require(snapshot(state) == snapshot(aged.history.state), "another state")
            }, caseCount: 80)
    }

    private static func received(_ payload: [UInt8]) throws -> StockReceived {
        try payload.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            return try StockReceived(from: &reader)
        }
    }
}
