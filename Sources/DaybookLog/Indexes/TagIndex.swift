internal import DaybookCore

/// Which positions carry which tags and types, for a run of positions; in memory.
///
/// Each tag has a chain of postings, the newest first: conditions mostly ask about the newest.
/// Costs 8 bytes a posting, 27 to 53 a tag and 2 an event. Only what has no index on disk lives
/// here: the active segment, and what a writer staged since.
struct TagIndex: Sendable {
    private let secret: TagKey.Secret
    /// The last position before the first one in here.
    let base: LogPosition
    private var table = TagTable()
    /// Distance from the first position in here.
    private var postingPlaces: [UInt32] = []
    private var olderPostings: [UInt32] = []
    private var typeNumbers: [EventType: UInt16] = [:]
    private var typeNames: [EventType] = []
    /// The type of each event, by place.
    private var eventTypes: [UInt16] = []

    /// Memory for the keys of the event that is being added.
    private var keys: [TagKey] = []

    init(secret: TagKey.Secret, base: LogPosition = .start) {
        self.secret = secret
        self.base = base
    }

    /// The last position that was added; `base` when there is none.
    var through: LogPosition { base.advanced(by: eventTypes.count) }

    var eventCount: Int { eventTypes.count }

    /// Adds the next event.
    mutating func add(_ event: borrowing EventView) throws {
        precondition(
            event.position.rawValue == base.rawValue + UInt64(eventTypes.count) + 1,
            "TagIndex: events are added one after another")
        guard eventTypes.count < Int(UInt32.max) else {
            throw BatchDefect("more events than an index can hold")
        }
        let secret = secret
        keys.removeAll(keepingCapacity: true)
        try event.forEachStoredTag { stored in keys.append(TagKey(stored, secret: secret)) }
        let place = UInt32(eventTypes.count)
        eventTypes.append(try number(of: event.type))
        for key in keys {
            let newest = table[key]
            // A tag may stand twice on an event.
            if newest != TagTable.none, postingPlaces[Int(newest)] == place { continue }
            let posting = UInt32(postingPlaces.count)
            postingPlaces.append(place)
            olderPostings.append(table.replace(key, with: posting))
        }
    }

    private mutating func number(of type: EventType) throws(BatchDefect) -> UInt16 {
        if let number = typeNumbers[type] { return number }
        guard typeNames.count < Int(UInt16.max) else { throw BatchDefect("65,535 event types") }
        let number = UInt16(typeNames.count)
        typeNumbers[type] = number
        typeNames.append(type)
        return number
    }
}

// MARK: - All postings

extension TagIndex {
    /// Hands out the places of every tag and type, ascending, in the order of the keys.
    ///
    /// - Complexity: O(postings + events + *k* log *k*) for *k* keys.
    func forEachList(_ body: (TagKey, [UInt32]) -> Void) {
        var placesOfType = [[UInt32]](repeating: [], count: typeNames.count)
        for (place, type) in eventTypes.enumerated() {
            placesOfType[Int(type)].append(UInt32(place))
        }
        let types = typeNames.enumerated()
            .map { (key: TagKey($0.element, secret: secret), number: $0.offset) }
            .sorted { $0.key < $1.key }
        var next = 0
        var places: [UInt32] = []
        for (key, newest) in table.sorted() {
            while next < types.count, types[next].key < key {
                body(types[next].key, placesOfType[types[next].number])
                next += 1
            }
            places.removeAll(keepingCapacity: true)
            var posting = newest
            while posting != TagTable.none {
                places.append(postingPlaces[Int(posting)])
                posting = olderPostings[Int(posting)]
            }
            places.reverse()
            body(key, places)
        }
        while next < types.count {
            body(types[next].key, placesOfType[types[next].number])
            next += 1
        }
    }

    /// How many tags and types there are.
    var keyCount: Int { table.count + typeNames.count }
}

// MARK: - Questions

extension TagIndex {
    /// The first position beyond `after`, up to `last`, that the query means.
    func firstMatch(_ query: Query, after: LogPosition, through last: LogPosition) -> LogPosition? {
        let first = max(after, base).advanced(by: 1)
        let last = min(last, through)
        guard first <= last else { return nil }
        switch query {
        case .all: return first
        case .any(let items):
            return items.compactMap { item in
                var found: UInt64?
                visitDescending(item, from: first.rawValue, through: last.rawValue) { found = $0 }
                return found.map(LogPosition.init(rawValue:))
            }.min()
        }
    }

    /// The positions that the query means, ascending, each once.
    func matches(_ query: Query, from: LogPosition, through last: LogPosition) -> [UInt64] {
        let first = max(from.rawValue, base.rawValue + 1)
        let last = min(last, through).rawValue
        guard first <= last else { return [] }
        switch query {
        case .all: return Array(first...last)
        case .any(let items):
            var found: [UInt64] = []
            for item in items {
                visitDescending(item, from: first, through: last) { found.append($0) }
            }
            return found.sortedOnce()
        }
    }

    /// Visits the matches of one item, the newest first.
    ///
    /// - Parameter first: at least 1.
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
        types.isEmpty || types.contains(eventTypes[Int(position - base.rawValue - 1)])
    }

    private func position(of posting: UInt32) -> UInt64 {
        base.rawValue + 1 + UInt64(postingPlaces[Int(posting)])
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
                while cursor != TagTable.none, position(of: cursor) > target {
                    cursor = olderPostings[Int(cursor)]
                }
                guard cursor != TagTable.none else { return }
                cursors[index] = cursor
                if position(of: cursor) < target {
                    target = position(of: cursor)
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

extension [UInt64] {
    /// Ascending, each element once.
    func sortedOnce() -> [UInt64] {
        var result = sorted()
        var previous: UInt64?
        result.removeAll { element in
            defer { previous = element }
            return element == previous
        }
        return result
    }
}
