import DaybookCore

/// What the log should answer, written down without looking at how the log does it: a plain array
/// of events and loops over all of them.
struct ConditionModel {
    struct Event: Hashable {
        /// 0 to 3.
        let type: Int
        /// Numbers of tags, one of them maybe twice.
        let tags: [Int]
        /// Who appended it.
        let writer: Int
        /// A bit for each tag; tags may share one, so it only rules events out.
        let mask: UInt64

        init(type: Int, tags: [Int], writer: Int) {
            self.type = type
            self.tags = tags
            self.writer = writer
            mask = ConditionModel.mask(of: tags)
        }
    }

    struct Item {
        let types: [Int]
        let tags: [Int]
        private let mask: UInt64

        init(types: [Int], tags: [Int]) {
            self.types = types
            self.tags = tags
            mask = ConditionModel.mask(of: tags)
        }

        func matches(_ event: Event) -> Bool {
            guard mask & ~event.mask == 0 else { return false }
            var typeFits = types.isEmpty
            for type in types where type == event.type { typeFits = true }
            for tag in tags where !event.tags.contains(tag) { return false }
            return typeFits
        }
    }

    enum Question {
        case all
        case any([Item])

        func matches(_ event: Event) -> Bool {
            switch self {
            case .all: return true
            case .any(let items):
                for item in items where item.matches(event) { return true }
                return false
            }
        }
    }

    enum Answer: Hashable {
        case appended(first: Int, last: Int)
        case conflict(Int)
        case afterBeyondHead
        case invalidQuery
    }

    private static func mask(of tags: [Int]) -> UInt64 {
        tags.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    }

    /// Everything staged; the event at index 0 has position 1.
    private(set) var events: [Event] = []
    /// How many of them are durable.
    var durableCount = 0

    /// Appends under a condition, or tells why not.
    mutating func append(_ batch: [Event], unless question: Question?, after: Int?) -> Answer {
        if let question {
            if case .any(let items) = question, items.isEmpty { return .invalidQuery }
            if let after, after > events.count { return .afterBeyondHead }
            for position in stride(from: (after ?? 0) + 1, through: events.count, by: 1)
            where question.matches(events[position - 1]) {
                return .conflict(position)
            }
        }
        let first = events.count + 1
        events += batch
        return .appended(first: first, last: events.count)
    }

    /// The durable positions beyond `after` that match.
    func read(_ question: Question, after: Int) -> [Int] {
        (after..<durableCount).filter { question.matches(events[$0]) }.map { $0 + 1 }
    }

    /// A process that dies takes what was not durable with it.
    mutating func forgetStaged() { events.removeLast(events.count - durableCount) }
}

// MARK: - The same in the log's words

extension ConditionModel {
    static let types: [EventType] = ["Placed", "Paid", "Shipped", "Cancelled"]

    /// Those that a campaign uses most, made once.
    private static let tags = (0..<1_024).map(makeTag)

    static func tag(_ number: Int) -> Tag {
        tags.indices.contains(number) ? tags[number] : makeTag(number)
    }

    private static func makeTag(_ number: Int) -> Tag {
        number % 2 == 0
            ? Tag(label: "order", identifier: UInt128(number))
            : Tag(label: "sku", text: String(number))
    }

    static func proposed(_ event: Event) -> ProposedEvent {
        ProposedEvent(
            type: types[event.type], tags: event.tags.map(tag), payload: [UInt8(event.writer)])
    }

    static func query(_ question: Question) -> Query {
        switch question {
        case .all: .all
        case .any(let items):
            .any(
                items.map { item in
                    QueryItem(types: item.types.map { types[$0] }, tags: item.tags.map(tag))
                })
        }
    }
}
