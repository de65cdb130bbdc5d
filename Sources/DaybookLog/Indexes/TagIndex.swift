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
    private var kindNumbers: [EventKind: UInt16] = [:]
    private var kinds: [EventKind] = []
    /// The numbers of the kinds that are of a type.
    private var kindsOfType: [EventType: [UInt16]] = [:]
    /// The kind of each event, by place.
    private var eventKinds: [UInt16] = []
    /// Which kind came behind an event of each kind the last time: they mostly come in the same order again,
    /// and looking there first spares hashing names.
    private var followers: [UInt16] = []

    /// Memory for the keys of the tags of the batch that is being added.
    private var keys: [TagKey] = []

    init(secret: TagKey.Secret, base: LogPosition = .start) {
        self.secret = secret
        self.base = base
    }

    /// The last position that was added; `base` when there is none.
    var through: LogPosition { base.advanced(by: eventKinds.count) }

    var eventCount: Int { eventKinds.count }

    /// Adds a batch, or what of it follows the events that are there.
    ///
    /// - Complexity: O(*n*) in its bytes: each of its tags is hashed once, however many events have it.
    mutating func add(_ batch: borrowing BatchView) throws {
        let secret = secret
        keys.removeAll(keepingCapacity: true)
        batch.forEachStoredTag { stored in keys.append(TagKey(stored, secret: secret)) }
        try batch.forEachEvent { event in
            if event.position > through { try add(event) }
        }
        invariant(through >= batch.lastPosition, "TagIndex: all events of the batch are in")
    }

    /// Adds the next event.
    ///
    /// - Precondition: ``keys`` are those of its batch.
    private mutating func add(_ event: borrowing EventView) throws {
        invariant(
            event.position.rawValue == base.rawValue + UInt64(eventKinds.count) + 1,
            "TagIndex: events are added one after another")
        guard eventKinds.count < Int(UInt32.max),
            let kind = number(of: EventKind(event.type, schemaVersion: event.schemaVersion))
        else { throw BatchDefect("more events or 65,535 event types: an index cannot hold them") }
        let place = UInt32(eventKinds.count)
        eventKinds.append(kind)
        try event.forEachTagNumber { number in
            let key = keys[number]
            let newest = table[key]
            // A tag may stand twice on an event.
            if newest != TagTable.none, postingPlaces[Int(newest)] == place { return }
            let posting = UInt32(postingPlaces.count)
            invariant(
                newest == TagTable.none || newest < posting, "TagIndex: a chain goes back only")
            postingPlaces.append(place)
            olderPostings.append(table.replace(key, with: posting))
        }
        invariant(
            postingPlaces.count == olderPostings.count,
            "TagIndex: each posting knows the one before")
        invariant(through == event.position, "TagIndex: the event is the newest one")
    }

    /// - Returns: `nil` when there are more kinds than numbers.
    private mutating func number(of kind: EventKind) -> UInt16? {
        guard let previous = eventKinds.last else { return knownOrNewNumber(of: kind) }
        let guess = followers[Int(previous)]
        if kinds[Int(guess)] == kind { return guess }
        guard let number = knownOrNewNumber(of: kind) else { return nil }
        followers[Int(previous)] = number
        return number
    }

    private mutating func knownOrNewNumber(of kind: EventKind) -> UInt16? {
        if let number = kindNumbers[kind] { return number }
        guard kinds.count < Int(UInt16.max) else { return nil }
        let number = UInt16(kinds.count)
        kindNumbers[kind] = number
        kinds.append(kind)
        followers.append(number)
        kindsOfType[kind.type, default: []].append(number)
        invariant(kinds.count == kindNumbers.count, "TagIndex: every kind has one number")
        return number
    }
}

// MARK: - All postings

extension TagIndex {
    /// Hands out the places of every tag and type, ascending, in the order of the keys.
    ///
    /// - Complexity: O(postings + events + *k* log *k*) for *k* keys.
    func forEachList(_ body: (TagKey, [UInt32]) -> Void) {
        let types = listsOfTypes()
        var next = 0
        var places: [UInt32] = []
        for (key, newest) in table.sorted() {
            while next < types.count, types[next].key < key {
                body(types[next].key, types[next].places)
                next += 1
            }
            places.removeAll(keepingCapacity: true)
            var posting = newest
            while posting != TagTable.none {
                places.append(postingPlaces[Int(posting)])
                posting = olderPostings[Int(posting)]
            }
            places.reverse()
            invariant(!places.isEmpty, "TagIndex: a tag that no event has is no tag")
            body(key, places)
        }
        while next < types.count {
            body(types[next].key, types[next].places)
            next += 1
        }
    }

    /// How many lists there are.
    var keyCount: Int {
        table.count
            + kindsOfType.values.reduce(0) { $0 + 1 + (isVersioned($1) ? 1 + $1.count : 0) }
    }

    /// The places of every type; for a type that occurs in a version beyond the first, also those of
    /// each of its versions, and a mark that there are such lists. Ascending by key.
    private func listsOfTypes() -> [(key: TagKey, places: [UInt32])] {
        var placesOfKind = [[UInt32]](repeating: [], count: kinds.count)
        for (place, kind) in eventKinds.enumerated() {
            placesOfKind[Int(kind)].append(UInt32(place))
        }
        var lists: [(key: TagKey, places: [UInt32])] = []
        for (type, numbers) in kindsOfType {
            let places =
                numbers.count == 1
                ? placesOfKind[Int(numbers[0])]
                : numbers.flatMap { placesOfKind[Int($0)] }.sorted()
            lists.append((TagKey(type, secret: secret), places))
            guard isVersioned(numbers) else { continue }
            lists.append((TagKey(versionsOf: type, secret: secret), [places[0]]))
            for number in numbers {
                lists.append(
                    (TagKey(kinds[Int(number)], secret: secret), placesOfKind[Int(number)]))
            }
        }
        invariant(lists.count == keyCount - table.count, "TagIndex: every list was reckoned with")
        return lists.sorted { $0.key < $1.key }
    }

    private func isVersioned(_ numbers: [UInt16]) -> Bool {
        numbers.contains { kinds[Int($0)].schemaVersion > 1 }
    }
}

// MARK: - Questions

extension TagIndex {
    /// The first position beyond `after`, up to `last`, that the query means.
    func firstMatch(_ query: Query, after: LogPosition, through last: LogPosition) -> LogPosition? {
        let first = max(after, base).advanced(by: 1)
        let last = min(last, through)
        guard first <= last else { return nil }
        let items = established(query.items, "TagIndex: all events need no index")
        invariant(first > base, "TagIndex: nothing before its first position is asked for")
        return items.compactMap { item in
            var found: UInt64?
            visitDescending(item, from: first.rawValue, through: last.rawValue) { found = $0 }
            return found.map(LogPosition.init(rawValue:))
        }.min()
    }

    /// The positions that the query means, ascending, each once.
    func matches(_ query: Query, from: LogPosition, through last: LogPosition) -> [UInt64] {
        let first = max(from.rawValue, base.rawValue + 1)
        let last = min(last, through).rawValue
        guard first <= last else { return [] }
        var found: [UInt64] = []
        for item in established(query.items, "TagIndex: all events need no index") {
            visitDescending(item, from: first, through: last) { found.append($0) }
        }
        let matches = found.sortedOnce()
        invariant(matches.first ?? first >= first, "TagIndex: nothing before the range matches")
        invariant(matches.last ?? last <= last, "TagIndex: nothing behind the range matches")
        return matches
    }

    /// Visits the matches of one item, the newest first.
    ///
    /// - Parameter first: at least 1.
    private func visitDescending(
        _ item: QueryItem, from first: UInt64, through last: UInt64, _ body: (UInt64) -> Void
    ) {
        invariant(first > base.rawValue, "TagIndex: a range begins behind the base")
        invariant(
            last <= through.rawValue, "TagIndex: a range ends with the newest event, or before")
        let types = item.types.flatMap { kindsOfType[$0] ?? [] }
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
        types.isEmpty || types.contains(eventKinds[Int(position - base.rawValue - 1)])
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
        while target >= first {
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
            // Positions begin with 1, so there is one before.
            if isAgreed, target >= first {
                body(target)
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
