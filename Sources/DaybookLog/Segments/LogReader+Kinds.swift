package import DaybookCore

/// How often a kind of event is recorded, and where it is first.
package struct EventKindCount: Hashable, Sendable {
    package var kind: EventKind
    package var count: UInt64
    package var first: LogPosition
}

/// Which types and schema versions really occur.
extension LogReader {
    /// The kinds that are recorded and not among the known ones, by their first position.
    ///
    /// Sealed segments are asked by their indexes: where the lists of the known kinds hold every
    /// event, nothing is read. Only a segment in which there is more is stepped through, and the
    /// active one, without looking at payloads. Positions that were given up are no kind.
    ///
    /// - Parameter from: events before it are taken as known.
    /// - Throws: `.damaged`, `.io`.
    /// - Complexity: O(segments × known kinds), and O(bytes) of the segments that are stepped through.
    package func kinds(outside known: Set<EventKind>, from: LogPosition = .start)
        throws(EventLogError) -> [EventKindCount]
    {
        let head = head.position
        let question = KindQuestion(known, secret: indexSecret)
        var found: [EventKind: EventKindCount] = [:]
        for record in snapshot().segments
        where record.tally.eventCount > 0 && record.lastPosition >= from
            && record.firstPosition <= head
        {
            if record.isSealed,
                try shelf.ask(
                    record, self,
                    { index throws(IndexDefect) in
                        try index.holdsOnly(question)
                    })
            {
                continue
            }
            try count(
                outside: known, from: max(from, record.firstPosition),
                through: min(record.lastPosition, head), in: &found)
        }
        return found.values.sorted { $0.first < $1.first }
    }

    private func count(
        outside known: Set<EventKind>, from first: LogPosition, through last: LogPosition,
        in found: inout [EventKind: EventKindCount]
    ) throws(EventLogError) {
        try translatingDefects {
            try forEachBatch(from: first, through: last) { batch in
                try batch.forEachEvent { event in
                    guard event.position >= first, event.position <= last,
                        event.kindNote == nil, event.type != .positionLost
                    else { return }
                    let kind = EventKind(event.type, schemaVersion: event.schemaVersion)
                    guard !known.contains(kind) else { return event.setKindNote(1) }
                    let start = EventKindCount(kind: kind, count: 0, first: event.position)
                    found[kind, default: start].count += 1
                }
                return true
            }
        }
    }
}

/// Which lists of an index hold known events.
struct KindQuestion: Sendable {
    struct TypeKeys: Sendable {
        var type: TagKey
        /// There when the type is listed by version.
        var versions: TagKey
        var kinds: [TagKey]
        /// Whether version 1, which alone has no list of its own, is known.
        var knowsFirst: Bool
    }

    var types: [TypeKeys]

    init(_ known: Set<EventKind>, secret: TagKey.Secret) {
        let lost = EventKind(.positionLost, schemaVersion: 1)
        let byType = Dictionary(grouping: known.union([lost]), by: \.type)
        types = byType.map { type, kinds in
            TypeKeys(
                type: TagKey(type, secret: secret),
                versions: TagKey(versionsOf: type, secret: secret),
                kinds: kinds.map { TagKey($0, secret: secret) },
                knowsFirst: kinds.contains { $0.schemaVersion == 1 })
        }
    }
}

extension SegmentIndex {
    /// Whether every event of the segment is of a known kind.
    func holdsOnly(_ question: KindQuestion) throws(IndexDefect) -> Bool {
        var known: UInt64 = 0
        for type in question.types {
            guard let all = try cursor(type.type)?.count else { continue }
            if try cursor(type.versions) == nil {
                if type.knowsFirst { known += all }
            } else {
                for kind in type.kinds { known += try cursor(kind)?.count ?? 0 }
            }
        }
        return known == header.identity.eventCount
    }
}
