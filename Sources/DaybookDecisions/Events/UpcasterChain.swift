package import DaybookCore

/// Why stored payloads cannot be lifted to today's shape.
package enum UpcasterChainError: Error, Hashable, Sendable {
    // What is wrong with a set of upcasters.

    /// An upcaster is for a type that this program does not have.
    case unknownType(EventType)
    /// Two upcasters take the same version.
    case duplicate(EventType, fromSchemaVersion: UInt32)
    /// No upcaster takes this version, though today's is later.
    case gap(EventType, fromSchemaVersion: UInt32)
    /// An upcaster takes today's version or a later one, or version 0, which does not exist.
    case notBeforeCurrent(EventType, fromSchemaVersion: UInt32)

    // What is wrong with a stored event.

    /// The event was written by a newer program; this one must not guess what it means.
    case newerSchemaVersion(EventType, stored: UInt32, known: UInt32)
    /// Schema versions begin with 1.
    case noSchemaVersion(EventType)
    /// An upcaster refused the payload.
    case refused(EventType, fromSchemaVersion: UInt32, reason: String)
}

extension UpcasterChainError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownType(let type):
            "There is an upcaster for '\(type)', but no event type of that name."
        case .duplicate(let type, let version):
            "Two upcasters take version \(version) of '\(type)'; exactly one may."
        case .gap(let type, let version):
            "No upcaster takes version \(version) of '\(type)'; write the one that gives the next."
        case .notBeforeCurrent(let type, let version):
            "An upcaster takes version \(version) of '\(type)', which is not an earlier version."
        case .newerSchemaVersion(let type, let stored, let known):
            "'\(type)' is stored in schema version \(stored); this program knows versions up to "
                + "\(known). Use the program that wrote it, or a newer one."
        case .noSchemaVersion(let type):
            "'\(type)' is stored in schema version 0, which does not exist: the event is damaged."
        case .refused(let type, let version, let reason):
            "The upcaster from version \(version) of '\(type)' refused the payload: \(reason)."
        }
    }
}

/// Lifts stored payloads to today's shape, one schema version per step.
///
/// A chain without gaps is a condition of its existence: when a log is read, only what is stored can
/// be wrong. Pure: the same bytes always give the same bytes.
package struct UpcasterChain: Sendable {
    /// Today's chain; every type is in its first version, so there is nothing to lift yet.
    package static let current = UpcasterChain(currentVersions: EventSchema.current.latestVersions)

    /// By type, from the first version on: the step at index `n` takes version `n + 1`.
    private let steps: [EventType: [any Upcaster]]
    private let currentVersions: [EventType: UInt32]

    /// A chain without steps, for types that have one version only.
    private init(currentVersions: [EventType: UInt32]) {
        precondition(
            currentVersions.values.allSatisfy { $0 == 1 },
            "UpcasterChain: an event type has a second version and no upcaster")
        steps = [:]
        self.currentVersions = currentVersions
    }

    /// Puts steps together.
    ///
    /// - Parameters:
    ///   - upcasters: in any order; for each type one for every version before today's.
    ///   - currentVersions: today's schema version of every type.
    /// - Throws: ``UpcasterChainError`` for the first type, by name, whose steps do not fit.
    package init(
        _ upcasters: [any Upcaster], currentVersions: [EventType: UInt32]
    ) throws(UpcasterChainError) {
        for upcaster in upcasters where currentVersions[upcaster.type] == nil {
            throw .unknownType(upcaster.type)
        }
        var steps: [EventType: [any Upcaster]] = [:]
        for (type, current) in currentVersions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let sorted = upcasters.filter { $0.type == type }
                .sorted { $0.fromSchemaVersion < $1.fromSchemaVersion }
            try UpcasterChain.check(sorted, of: type, current: current)
            if !sorted.isEmpty { steps[type] = sorted }
        }
        self.steps = steps
        self.currentVersions = currentVersions
    }

    private static func check(
        _ sorted: [any Upcaster], of type: EventType, current: UInt32
    ) throws(UpcasterChainError) {
        var expected: UInt32 = 1
        for upcaster in sorted {
            let version = upcaster.fromSchemaVersion
            guard (1..<current).contains(version) else {
                throw .notBeforeCurrent(type, fromSchemaVersion: version)
            }
            guard version >= expected else { throw .duplicate(type, fromSchemaVersion: version) }
            guard version == expected else { throw .gap(type, fromSchemaVersion: expected) }
            expected += 1
        }
        guard expected == current else { throw .gap(type, fromSchemaVersion: expected) }
    }

    /// The payload in today's shape; as it is when it has that shape already or the type is not known.
    ///
    /// - Throws: ``UpcasterChainError`` `.newerSchemaVersion`, `.noSchemaVersion` or `.refused`.
    /// - Complexity: one look-up when there is nothing to lift.
    package func upcast(
        _ payload: [UInt8], of type: EventType, schemaVersion: UInt32
    ) throws(UpcasterChainError) -> [UInt8] {
        guard let current = currentVersions[type], schemaVersion != current else { return payload }
        guard schemaVersion > 0 else { throw .noSchemaVersion(type) }
        guard schemaVersion < current else {
            throw .newerSchemaVersion(type, stored: schemaVersion, known: current)
        }
        var lifted = payload
        for step in (steps[type] ?? [])[Int(schemaVersion - 1)...] {
            do {
                lifted = try step.upcast(lifted)
            } catch {
                throw .refused(
                    type, fromSchemaVersion: step.fromSchemaVersion, reason: "\(error)")
            }
        }
        return lifted
    }

    /// The event in today's shape: its payload lifted, its schema version raised.
    package func upcast(_ event: RecordedEvent) throws(UpcasterChainError) -> RecordedEvent {
        guard let current = currentVersions[event.type], event.schemaVersion != current else {
            return event
        }
        var lifted = event
        lifted.payload = try upcast(
            event.payload, of: event.type, schemaVersion: event.schemaVersion)
        lifted.schemaVersion = current
        return lifted
    }
}

extension EventSchema {
    /// The highest schema version of every event type in the set.
    package var latestVersions: [EventType: UInt32] {
        var versions: [EventType: UInt32] = [:]
        for message in eventMessages {
            let type = EventType(rawValue: message.name)
            versions[type] = max(versions[type] ?? 0, message.eventVersion)
        }
        return versions
    }
}
