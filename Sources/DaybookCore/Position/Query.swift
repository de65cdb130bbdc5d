/// The name of an event type, for example `OrderPlaced`. Storage format: it never changes meaning.
public struct EventType: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    public var description: String { rawValue }
}

/// In which shape an event is stored: its type and the schema version of its payload.
public struct EventKind: Hashable, Sendable, CustomStringConvertible {
    public var type: EventType
    /// From 1.
    public var schemaVersion: UInt32

    public init(_ type: EventType, schemaVersion: UInt32) {
        self.type = type
        self.schemaVersion = schemaVersion
    }

    public var description: String { "'\(type)' version \(schemaVersion)" }
}

/// Which events are meant: all of them, or those that match at least one item.
///
/// Source: DCB specification, query.
public enum Query: Hashable, Sendable {
    /// Every event.
    case all
    /// Events that match any of the items. An empty list is refused where queries are taken.
    case any([QueryItem])

    /// Events that carry the tag.
    public static func tag(_ tag: Tag) -> Query { .any([QueryItem(types: [], tags: [tag])]) }

    /// The alternatives; `nil` for all events.
    package var items: [QueryItem]? {
        if case .any(let items) = self { items } else { nil }
    }

    /// Whether an event of this type with these tags is meant.
    public func matches(type: EventType, tags: [Tag]) -> Bool {
        switch self {
        case .all: true
        case .any(let items): items.contains { $0.matches(type: type, tags: tags) }
        }
    }
}

/// One alternative of a query: any of the types (none given: every type) and all of the tags.
public struct QueryItem: Hashable, Sendable {
    public var types: [EventType]
    public var tags: [Tag]

    public init(types: [EventType] = [], tags: [Tag] = []) {
        self.types = types
        self.tags = tags
    }

    public func matches(type: EventType, tags eventTags: [Tag]) -> Bool {
        (types.isEmpty || types.contains(type)) && tags.allSatisfy(eventTags.contains)
    }
}

/// What must not have happened for an append to succeed.
///
/// Source: DCB specification, append condition.
public struct AppendCondition: Hashable, Sendable {
    /// The append fails when a stored event matches this.
    public var failIfEventsMatch: Query
    /// Only events beyond this position (exclusive) are looked at; `nil` looks at all.
    public var after: LogPosition?

    public init(failIfEventsMatch query: Query, after: LogPosition? = nil) {
        self.failIfEventsMatch = query
        self.after = after
    }

    /// Reads as a sentence: `append(batch, when: .nothingMatches(query, after: position))`.
    public static func nothingMatches(_ query: Query, after: LogPosition? = nil) -> AppendCondition
    {
        AppendCondition(failIfEventsMatch: query, after: after)
    }
}

extension Query {
    /// The same question for a log in which types were renamed: whoever asks for a type asks for its
    /// former names too.
    ///
    /// - Parameter formerNames: by today's name.
    package func including(formerNames: [EventType: [EventType]]) -> Query {
        guard !formerNames.isEmpty, case .any(let items) = self else { return self }
        return .any(
            items.map { item in
                var item = item
                let more = item.types.flatMap { formerNames[$0] ?? [] }
                item.types += more.filter { !item.types.contains($0) }
                return item
            })
    }
}
