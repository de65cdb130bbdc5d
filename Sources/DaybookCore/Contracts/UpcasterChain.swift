/// Why stored payloads cannot be lifted to today's shape.
package enum UpcasterChainError: Error, Hashable, Sendable {
    // What is wrong with a set of upcasters.

    /// An upcaster is for a type that this program does not have.
    case unknownType(EventType)
    /// Two upcasters take the same version.
    case duplicate(EventType, fromSchemaVersion: UInt32)
    /// No upcaster takes this version, though today's is later.
    case gap(EventType, fromSchemaVersion: UInt32)
    /// Steps lead from this type back to it, so none of them ends at today's shape.
    case circle(EventType)
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
            "There is an upcaster for '\(type)', but no event type of that name today, and no "
                + "rename that leads to one."
        case .circle(let type):
            "The upcasters of '\(type)' lead back to it; one of them must lead to today's name."
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

/// Lifts stored events to today's names and shapes, one step after another.
///
/// A chain without gaps is a condition of its existence: when a log is read, only what is stored can
/// be wrong. Pure: the same bytes always give the same bytes.
package struct UpcasterChain: Sendable {
    /// Knows no type and lifts nothing: for a log whose events mean nothing to the program.
    package static let none = UpcasterChain(currentVersions: [:])

    private let steps: [EventKind: any Upcaster]
    private let currentVersions: [EventType: UInt32]
    /// By today's name: under which names the type was recorded before.
    package let formerNames: [EventType: [EventType]]
    /// Everything that can be read: today's shapes, and those from which steps lead there.
    package let knownKinds: Set<EventKind>

    /// A chain without steps, for types that have one version only.
    package init(currentVersions: [EventType: UInt32]) {
        precondition(
            currentVersions.values.allSatisfy { $0 == 1 },
            "UpcasterChain: an event type has a second version and no upcaster")
        steps = [:]
        formerNames = [:]
        knownKinds = Set(currentVersions.map { EventKind($0.key, schemaVersion: $0.value) })
        self.currentVersions = currentVersions
    }

    /// Puts steps together.
    ///
    /// - Parameters:
    ///   - upcasters: in any order; for each type one for every version before today's, and for each
    ///     former name one for every version that was written under it.
    ///   - currentVersions: today's schema version of every type.
    /// - Throws: ``UpcasterChainError`` for the first type, by name, whose steps do not fit.
    package init(
        _ upcasters: [any Upcaster], currentVersions: [EventType: UInt32]
    ) throws(UpcasterChainError) {
        let sorted = upcasters.sorted {
            ($0.type.rawValue, $0.fromSchemaVersion) < ($1.type.rawValue, $1.fromSchemaVersion)
        }
        var steps: [EventKind: any Upcaster] = [:]
        for upcaster in sorted {
            let kind = upcaster.source
            guard kind.schemaVersion > 0, kind.schemaVersion < currentVersions[kind.type] ?? .max
            else {
                throw .notBeforeCurrent(kind.type, fromSchemaVersion: kind.schemaVersion)
            }
            guard steps.updateValue(upcaster, forKey: kind) == nil else {
                throw .duplicate(kind.type, fromSchemaVersion: kind.schemaVersion)
            }
        }
        try UpcasterChain.checkGaps(sorted, currentVersions)
        var names: [EventType: [EventType]] = [:]
        for upcaster in sorted {
            let today = try UpcasterChain.end(of: upcaster, steps, currentVersions)
            guard today != upcaster.type, names[today]?.contains(upcaster.type) != true else {
                continue
            }
            names[today, default: []].append(upcaster.type)
        }
        self.steps = steps
        self.currentVersions = currentVersions
        formerNames = names
        knownKinds = Set(currentVersions.map { EventKind($0.key, schemaVersion: $0.value) })
            .union(steps.keys)
    }

    /// Every version that a type can have been written in needs its step.
    private static func checkGaps(
        _ sorted: [any Upcaster], _ currentVersions: [EventType: UInt32]
    ) throws(UpcasterChainError) {
        let types = Set(sorted.map(\.type)).union(currentVersions.keys)
        for type in types.sorted(by: { $0.rawValue < $1.rawValue }) {
            let own = sorted.filter { $0.type == type }.map(\.fromSchemaVersion)
            // A type that began as another name's next version has no versions before that one.
            let entries = sorted.filter { $0.type != type && $0.result.type == type }
                .map(\.result.schemaVersion)
            let first = entries.isEmpty ? 1 : min(entries.min() ?? 1, own.first ?? .max)
            // A former name ends with the version that is renamed, its last.
            let end = currentVersions[type] ?? own.last.map { $0 + 1 } ?? first
            var expected = first
            for version in own where version >= expected {
                guard version == expected else { break }
                expected += 1
            }
            guard expected >= end else { throw .gap(type, fromSchemaVersion: expected) }
        }
    }

    /// Today's name of what a step takes.
    private static func end(
        of upcaster: any Upcaster, _ steps: [EventKind: any Upcaster],
        _ currentVersions: [EventType: UInt32]
    ) throws(UpcasterChainError) -> EventType {
        var kind = upcaster.result
        for _ in 0..<steps.count {
            guard let next = steps[kind] else { break }
            kind = next.result
        }
        guard let current = currentVersions[kind.type] else {
            throw steps[kind] == nil ? .unknownType(kind.type) : .circle(upcaster.type)
        }
        guard kind.schemaVersion == current else {
            throw steps[kind] == nil
                ? .gap(kind.type, fromSchemaVersion: kind.schemaVersion) : .circle(upcaster.type)
        }
        return kind.type
    }
}

// MARK: - Lifting

extension UpcasterChain {
    /// Whether no stored event ever needs a step.
    package var isEmpty: Bool { steps.isEmpty }

    /// Whether an event of this kind is in today's shape, as far as the chain can tell.
    package func isCurrent(_ kind: EventKind) -> Bool {
        guard let current = currentVersions[kind.type] else { return steps[kind] == nil }
        return current == kind.schemaVersion
    }

    /// Today's shapes of some types, by name.
    package func currentKinds(of types: Set<EventType>) -> [EventKind] {
        types.sorted { $0.rawValue < $1.rawValue }.compactMap { type in
            currentVersions[type].map { EventKind(type, schemaVersion: $0) }
        }
    }

    /// The payload in today's shape with today's name; as it is when the type is not known.
    ///
    /// - Throws: ``UpcasterChainError`` `.newerSchemaVersion`, `.noSchemaVersion` or `.refused`.
    /// - Complexity: one look-up when there is nothing to lift.
    package func upcast(
        _ payload: [UInt8], of kind: EventKind
    ) throws(UpcasterChainError) -> (kind: EventKind, payload: [UInt8]) {
        guard !isCurrent(kind) else { return (kind, payload) }
        guard kind.schemaVersion > 0 else { throw .noSchemaVersion(kind.type) }
        if let current = currentVersions[kind.type], kind.schemaVersion > current {
            throw .newerSchemaVersion(kind.type, stored: kind.schemaVersion, known: current)
        }
        var kind = kind
        var lifted = payload
        while let step = steps[kind] {
            do {
                lifted = try step.upcast(lifted)
            } catch {
                throw .refused(
                    kind.type, fromSchemaVersion: step.fromSchemaVersion, reason: "\(error)")
            }
            kind = step.result
            if Mutant.liftedOneStep.isPlanted { break }
        }
        return (kind, lifted)
    }

    package func upcast(
        _ payload: [UInt8], of type: EventType, schemaVersion: UInt32
    ) throws(UpcasterChainError) -> [UInt8] {
        try upcast(payload, of: EventKind(type, schemaVersion: schemaVersion)).payload
    }

    /// The event in today's shape: its payload lifted, its type and schema version today's.
    package func upcast(_ event: RecordedEvent) throws(UpcasterChainError) -> RecordedEvent {
        guard !isCurrent(event.kind) else { return event }
        var lifted = event
        let (kind, payload) = try upcast(event.payload, of: event.kind)
        if !Mutant.formerPayloadKept.isPlanted { lifted.payload = payload }
        if !Mutant.formerNameKept.isPlanted { lifted.type = kind.type }
        lifted.schemaVersion = kind.schemaVersion
        return lifted
    }

    /// What the chain can read and where its steps lead, as text: equal for equal chains.
    package var summary: String {
        let known = knownKinds.map { kind in
            let step = steps[kind].map { " -> \($0.result)" } ?? ""
            return "\(kind)\(step)"
        }
        return known.sorted().joined(separator: "\n")
    }
}

extension Upcaster {
    fileprivate var source: EventKind { EventKind(type, schemaVersion: fromSchemaVersion) }
}

extension RecordedEvent {
    package var kind: EventKind { EventKind(type, schemaVersion: schemaVersion) }
}
