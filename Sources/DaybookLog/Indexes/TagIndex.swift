internal import DaybookCore

/// Which positions carry which tags, for all positions from 1 on; in memory.
///
/// Each tag has a chain of postings, the newest first: conditions mostly ask about the newest.
/// Costs 12 bytes a posting, 27 to 53 a tag and 2 an event.
struct TagIndex {
    private let secret: TagKey.Secret
    private var table = TagTable()
    private var postingPositions: [UInt64] = []
    private var olderPostings: [UInt32] = []
    private var typeNumbers: [EventType: UInt16] = [:]
    /// The type of each event, by position.
    private var eventTypes: [UInt16] = []

    /// Memory for the keys of the event that is being added.
    private var keys: [TagKey] = []

    init(secret: TagKey.Secret) {
        self.secret = secret
    }

    /// The last position that was added.
    var through: LogPosition { LogPosition(rawValue: UInt64(eventTypes.count)) }

    /// Adds the next event.
    mutating func add(_ event: borrowing EventView) throws {
        precondition(
            event.position.rawValue == UInt64(eventTypes.count) + 1,
            "TagIndex: events are added one after another")
        eventTypes.append(try number(of: event.type))
        let secret = secret
        keys.removeAll(keepingCapacity: true)
        try event.forEachStoredTag { stored in keys.append(TagKey(stored, secret: secret)) }
        for key in keys {
            let posting = UInt32(postingPositions.count)
            postingPositions.append(event.position.rawValue)
            olderPostings.append(table.replace(key, with: posting))
        }
    }

    private mutating func number(of type: EventType) throws(BatchDefect) -> UInt16 {
        if let number = typeNumbers[type] { return number }
        guard typeNumbers.count < Int(UInt16.max) else { throw BatchDefect("65,535 event types") }
        let number = UInt16(typeNumbers.count)
        typeNumbers[type] = number
        return number
    }
}

// MARK: - Questions

extension TagIndex {
    /// The first position beyond `after` that the query means.
    func firstMatch(_ query: Query, after: LogPosition) -> LogPosition? {
        guard after < through else { return nil }
        switch query {
        case .all: return after.advanced(by: 1)
        case .any(let items):
            return items.compactMap { item in
                var first: UInt64?
                visitDescending(item, from: after.rawValue + 1, through: through.rawValue) {
                    first = $0
                }
                return first.map(LogPosition.init(rawValue:))
            }.min()
        }
    }

    /// The positions that the query means, ascending, each once.
    func matches(_ query: Query, from: LogPosition, through last: LogPosition) -> [UInt64] {
        let first = max(from.rawValue, 1)
        let last = min(last, through).rawValue
        guard first <= last else { return [] }
        switch query {
        case .all: return Array(first...last)
        case .any(let items):
            var found: [UInt64] = []
            for item in items {
                visitDescending(item, from: first, through: last) { found.append($0) }
            }
            found.sort()
            var isFirst = true
            var previous: UInt64 = 0
            found.removeAll { position in
                defer {
                    previous = position
                    isFirst = false
                }
                return !isFirst && position == previous
            }
            return found
        }
    }

    /// Visits the matches of one item, the newest first.
    private func visitDescending(
        _ item: QueryItem, from first: UInt64, through last: UInt64, _ body: (UInt64) -> Void
    ) {
        let types = item.types.compactMap { typeNumbers[$0] }
        // None of the wanted types was ever recorded.
        guard item.types.isEmpty || !types.isEmpty else { return }
        if item.tags.isEmpty {
            var position = last
            while position >= first {
                if hasType(position, types) { body(position) }
                position -= 1
            }
            return
        }
        var cursors: [UInt32] = []
        for tag in item.tags {
            let newest = table[TagKey(tag, secret: secret)]
            guard newest != TagTable.none else { return }
            cursors.append(newest)
        }
        intersectDescending(cursors, from: first, through: last) { position in
            if hasType(position, types) { body(position) }
        }
    }

    private func hasType(_ position: UInt64, _ types: [UInt16]) -> Bool {
        types.isEmpty || types.contains(eventTypes[Int(position - 1)])
    }

    /// Walks several chains at once and visits the positions that all of them have.
    private func intersectDescending(
        _ start: [UInt32], from first: UInt64, through last: UInt64, _ body: (UInt64) -> Void
    ) {
        var cursors = start
        var target = last
        while true {
            var isAgreed = true
            for index in cursors.indices {
                var cursor = cursors[index]
                while cursor != TagTable.none, postingPositions[Int(cursor)] > target {
                    cursor = olderPostings[Int(cursor)]
                }
                guard cursor != TagTable.none else { return }
                cursors[index] = cursor
                if postingPositions[Int(cursor)] < target {
                    target = postingPositions[Int(cursor)]
                    isAgreed = false
                }
            }
            guard target >= first else { return }
            if isAgreed {
                body(target)
                guard target > first else { return }
                target -= 1
            }
        }
    }
}
