import DaybookCore
import DaybookLog
import Testing

/// Types and schema versions, as they really occur; renamed types.
@Suite struct `Event kinds` {
    private let renames = try? UpcasterChain(
        [EventRename(EventKind("Old", schemaVersion: 1), to: EventKind("New", schemaVersion: 1))],
        currentVersions: ["New": 1, "Seen": 1])

    private func create(_ disk: SimulatedDisk, _ upcasters: UpcasterChain = .none) throws
        -> OpenedLog
    {
        var options = smallOptions(codec: .none)
        options.upcasters = upcasters
        return try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
    }

    private func event(_ type: EventType, version: UInt32 = 1, tag: String = "x") -> ProposedEvent {
        ProposedEvent(
            type: type, schemaVersion: version, tags: [Tag(label: "t", text: tag)],
            payload: [UInt8](repeating: 7, count: 400))
    }

    private func known(_ kinds: (EventType, UInt32)...) -> Set<EventKind> {
        Set(kinds.map { EventKind($0.0, schemaVersion: $0.1) })
    }

    @Test(arguments: [false, true])
    func
        `given kinds spread over segments, when asked for unknown ones, then counts and first are right`(
            isIndexed: Bool
        ) throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        for number in 1...200 {
            let proposed =
                switch number {
                case 30, 31, 150: event("Seen", version: 2)
                case 60: event("Seen", version: 9)
                case 90...95: event("Moon")
                case 199: event("Moon", version: 3)
                default: event(number % 2 == 0 ? "Seen" : "Heard")
                }
            _ = try log.append(batch(proposed))
        }
        if isIndexed { try indexAll(log.reader) }
        try log.committer.close()
        let reader = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        #expect(reader.statistics.segmentCount > 4)
        let all = known(
            ("Seen", 1), ("Seen", 2), ("Seen", 9), ("Heard", 1), ("Moon", 1), ("Moon", 3))
        #expect(try reader.kinds(outside: all) == [])
        // Each kind alone is noticed when it is not known; also the one that is in every segment.
        for kind in all {
            let found = try reader.kinds(outside: all.subtracting([kind]))
            let expected = try reader.read(.any([QueryItem(types: [kind.type])]))
                .filter { $0.schemaVersion == kind.schemaVersion }
            #expect(found.map(\.kind) == [kind])
            #expect(found.map(\.count) == [UInt64(expected.count)])
            #expect(found.map(\.first) == [expected[0].position])
        }
        let two = try reader.kinds(outside: all.subtracting(known(("Seen", 9), ("Moon", 1))))
        #expect(
            two.map(\.description) == ["1 of 'Seen' version 9 @60", "6 of 'Moon' version 1 @90"])
        let later = try reader.kinds(
            outside: all.subtracting(known(("Moon", 1))), from: position(93))
        #expect(later.map(\.description) == ["3 of 'Moon' version 1 @93"])
    }

    @Test func `given indexes of known kinds only, when asked, then no sealed segment is read`()
        throws
    {
        let disk = SimulatedDisk()
        let counting = CountingStorage(disk)
        let log = try create(disk)
        for number in 1...200 { _ = try log.append(batch(event(number % 3 == 0 ? "A" : "B"))) }
        try indexAll(log.reader)
        try log.committer.close()
        let reader = try LogReader.openReadOnly(storage: counting, hash: .sha256)
        let segments = reader.statistics.segmentCount
        #expect(segments > 4)
        _ = counting.takeReads("")
        #expect(try reader.kinds(outside: known(("A", 1), ("B", 1))) == [])
        let read = Set(counting.takeReads("").map(\.file).filter { $0.hasSuffix(".seg") })
        #expect(read.count == 1, "the active segment only: \(read)")
    }

    @Test func `given a renamed type, when asked for the new name, then old events are found`()
        throws
    {
        let disk = SimulatedDisk()
        let upcasters = try #require(renames)
        let log = try create(disk, upcasters)
        _ = try log.append(batch(event("Old", tag: "first")))
        for _ in 1...100 { _ = try log.append(batch(event("Seen"))) }
        _ = try log.append(batch(event("Old", tag: "second")))
        _ = try log.append(batch(event("New", tag: "third")))
        try indexAll(log.reader)
        let query = Query.any([QueryItem(types: ["New"])])
        let found = try log.reader.read(query)
        #expect(found.map(\.position.rawValue) == [1, 102, 103])
        // As they are stored: lifting is the business of whoever decodes.
        #expect(found.map(\.type) == ["Old", "Old", "New"])
        #expect(try log.reader.read(.any([QueryItem(types: ["Old"])])).count == 2)
        let last = try log.reader.read(query, direction: .backwards, limit: 2)
        #expect(last.map(\.position.rawValue) == [103, 102])
        try log.committer.close()
    }

    @Test(arguments: ["first", "second", "third"])
    func
        `given a condition on the new name, when an old event stands against it, then it conflicts`(
            tag: String
        ) throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, try #require(renames))
        _ = try log.append(batch(event("Old", tag: "first")))
        for _ in 1...100 { _ = try log.append(batch(event("Seen"))) }
        _ = try log.append(batch(event("Old", tag: "second")))
        let staged = try log.writer.stage(batch(event("Old", tag: "third")))
        #expect(staged == .appended(position(103)...position(103)))
        let condition = AppendCondition.nothingMatches(
            .any([QueryItem(types: ["New"], tags: [Tag(label: "t", text: tag)])]))
        let places = ["first": 1, "second": 102, "third": 103] as [String: UInt64]
        #expect(
            try log.writer.stage(batch(event("New", tag: tag)), when: condition)
                == .conflict(firstConflictingPosition: position(places[tag] ?? 0)))
        // Another tag is free.
        let free = AppendCondition.nothingMatches(
            .any([QueryItem(types: ["New"], tags: [Tag(label: "t", text: "free")])]))
        #expect(
            try log.writer.stage(batch(event("New")), when: free)
                == .appended(position(104)...position(104)))
    }
}

extension EventKindCount {
    fileprivate var description: String { "\(count) of \(kind) @\(first)" }
}
