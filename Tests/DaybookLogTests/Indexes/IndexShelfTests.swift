import DaybookCore
import Glibc
import Synchronization
import Testing

@testable import DaybookLog

private func create(_ disk: SimulatedDisk, _ options: EventLogOptions = smallOptions()) throws
    -> OpenedLog
{
    try LogDirectory.create(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

private func fill(_ log: OpenedLog, _ count: Int) throws {
    for number in 1...count {
        try log.append(batch(event(order: UInt128(number), payload: "order \(number)")))
    }
}

/// What happens between two readings, or while another thread does the same.
@Suite struct `Indexes that are made while somebody waits` {
    @Test
    func
        `given damage that another thread met first, when asked, then its new index is taken and none is made twice`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions(codec: .none))
        try fill(log, 120)
        let (reader, record) = (log.reader, log.reader.snapshot().segments[0])
        try indexAll(reader)
        let made = reader.indexCounts.made
        var isFirst = true
        let answer = try reader.shelf.ask(record, reader) { index throws(IndexDefect) -> UInt64 in
            guard isFirst else { return index.header.identity.eventCount }
            isFirst = false
            // Another one asks, meets the damage and makes the index anew.
            var isDamaged = true
            _ = try? reader.shelf.ask(record, reader) { _ throws(IndexDefect) in
                guard isDamaged else { return }
                isDamaged = false
                throw IndexDefect("damage")
            }
            throw IndexDefect("damage")
        }
        #expect(answer == record.tally.eventCount)
        #expect(reader.indexCounts.made == made + 1)
    }

    @Test
    func
        `given an index that another thread finds meanwhile, when looked for again, then it is taken`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(codec: .none))
        try fill(log, 120)
        try indexAll(log.reader)
        let meanwhile = Mutex<(@Sendable () -> Void)?>(nil)
        let cuts = Mutex(0)
        let storage = ScriptedStorage(disk) { read in
            guard read.file == LogFileName.index(1) else { return nil }
            let body = meanwhile.withLock { body in
                defer { body = nil }
                return body
            }
            body?()
            // As if it were not whole yet, for the one who looked first.
            return cuts.withLock { cuts in
                if body != nil { cuts = 2 }
                guard cuts > 0 else { return nil }
                cuts -= 1
                return 0
            }
        }
        let reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
        let record = reader.snapshot().segments[0]
        meanwhile.withLock { $0 = { _ = try? reader.shelf.index(of: record, reader) } }
        let index = try reader.shelf.index(of: record, reader)
        #expect(index.header.identity.eventCount == record.tally.eventCount)
        #expect(reader.indexCounts.opened == 1)
        #expect(reader.indexCounts.made == 0)
    }

    @Test
    func `given a seal that counts more events than there are, when indexed, then it is damage`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions(codec: .none))
        try fill(log, 120)
        var record = log.reader.snapshot().segments[0]
        let tally = record.tally
        record.tally = SegmentTally(
            frameCount: tally.frameCount, batchCount: tally.batchCount,
            eventCount: tally.eventCount + 5, rawByteCount: tally.rawByteCount,
            storedByteCount: tally.storedByteCount, firstTime: tally.firstTime,
            lastTime: tally.lastTime, entries: tally.entries, headerDigest: tally.headerDigest)
        let forged = record
        let error = #expect(throws: EventLogError.self) {
            try log.reader.shelf.index(of: forged, log.reader)
        }
        #expect(error?.message.contains("fewer events than its seal says") == true)
        #expect(error?.file == LogFileName.segment(1))
    }

    @Test
    func `given a tag on events that stand far apart, when asked for, then all of them are found`()
        throws
    {
        var options = smallOptions(codec: .none)
        options.firstSegmentByteCount = 256 << 10
        options.segmentByteCount = 256 << 10
        let log = try create(SimulatedDisk(), options)
        let rare = Tag(label: "rare", text: "here")
        var number = 0
        while log.reader.statistics.segmentCount < 2 {
            let events = (0..<100).map { _ in
                number += 1
                return ProposedEvent(
                    type: "Seen", tags: number % 150 == 0 ? [rare] : [], payload: [7])
            }
            _ = try log.append(ProposedBatch(metadata: metadata(), events: events))
        }
        try indexAll(log.reader)
        // A gap of 150 takes two bytes in a list.
        let found = try log.reader.read(.tag(rare)).map(\.position.rawValue)
        #expect(found == (1...UInt64(number)).filter { $0 % 150 == 0 })
        // So many that they are a list of their own.
        #expect(found.count > 128)
        #expect(log.reader.indexCounts.refused == 0)
    }

    @Test
    func `given indexes that questions made, when the thread comes, then it makes none again`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions(codec: .none))
        try fill(log, 120)
        #expect(try log.reader.read(.tag(OrderID(rawValue: 3).tag)).count == 1)
        let made = log.reader.indexCounts.made
        #expect(made == log.reader.statistics.segmentCount - 1)
        // What it makes is a group of them.
        while try log.reader.indexNextSegment() {}
        #expect(log.reader.indexCounts.made == made)
        #expect(log.reader.indexedThrough == log.reader.sealedThrough)
    }

    @Test
    func
        `given a damaged segment, when its index is made ahead, then whoever asks is told, not the thread`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(codec: .none))
        try fill(log, 120)
        disk.flip(LogFileName.segment(2), byte: 5_000, bit: 3)
        SegmentIndexer(log.reader).work()
        #expect(
            log.reader.indexedThrough == log.reader.snapshot().segments[0].lastPosition.rawValue)
        let error = #expect(throws: EventLogError.self) {
            try log.reader.read(.tag(OrderID(rawValue: 3).tag))
        }
        #expect(error?.finding?.segment == 2)
    }

    @Test
    func `given a log that is closed meanwhile, when indexed ahead, then the work is given up`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions(codec: .none))
        try fill(log, 120)
        let record = log.reader.snapshot().segments[0]
        var postings = SegmentPostings(record, secret: log.reader.indexSecret)
        let error = #expect(throws: EventLogError.self) {
            try postings.catchUp(with: record, log.reader) { false }
        }
        #expect(error?.code == .closed)
        try postings.catchUp(with: record, log.reader)
        #expect(postings.tags.through == record.lastPosition)
        #expect(postings.frame(holding: record.lastPosition.advanced(by: 1)) == nil)
        #expect(postings.frame(holding: .start) == nil)
        #expect(postings.frame(holding: position(1))?.byteOffset == 4_096)
    }

    @Test func `given damage in the active segment, when asked by tag, then it is an error`() throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(codec: .none))
        try fill(log, 8)
        disk.flip(LogFileName.segment(1), byte: 4_096 + 200, bit: 0)
        let query = Query.tag(OrderID(rawValue: 3).tag)
        #expect(throws: EventLogError.self) { try log.reader.read(query) }
        disk.flip(LogFileName.segment(1), byte: 4_096 + 200, bit: 0)
        #expect(try log.reader.read(query).map(\.position.rawValue) == [3])
    }
}

/// Postings of frames that say something wrong about their places.
@Suite struct `Postings of the active segment` {
    @Test func `given notes between batches, when asked by tag, then they are stepped over`() throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(codec: .none))
        try fill(log, 3)
        try log.committer.close()
        var options = smallOptions(codec: .none)
        options.schema = Array("a schema".utf8)
        let again = try LogDirectory.open(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read)
        try fill(again, 5)
        #expect(disk.frames(ofSegment: 1).map(\.kind).firstIndex(of: .note) == 3)
        let found = try again.reader.read(.tag(OrderID(rawValue: 2).tag))
        #expect(found.map(\.position.rawValue) == [2, 5])
    }

    @Test
    func
        `given postings of a segment that is sealed now, when the next one is asked, then they go`()
        throws
    {
        let log = try create(SimulatedDisk(), smallOptions(codec: .none))
        try fill(log, 3)
        #expect(try log.reader.read(.tag(OrderID(rawValue: 2).tag)).count == 1)
        while log.reader.statistics.segmentCount == 1 { try fill(log, 1) }
        try fill(log, 2)
        let second = log.reader.snapshot().segments[1]
        let found = try log.reader.read(
            .tag(OrderID(rawValue: 2).tag), from: second.firstPosition)
        #expect(found.map(\.position) == [log.reader.head.position])
        #expect(log.reader.indexCounts.made == 0)
    }

    @Test func `given a frame that skips positions, when added, then it is refused`() throws {
        let log = try create(SimulatedDisk())
        try fill(log, 3)
        let record = log.reader.snapshot().segments[0]
        let scan = FrameScan(
            log.reader, segments: [record], from: position(2), readAhead: 4_096)
        var postings = SegmentPostings(record, secret: log.reader.indexSecret)
        var last: FrameScan.Found?
        while let found = try scan.next() { last = found }
        let skipping = try #require(last)
        let raw = try scan.raw(of: skipping)
        let defect = #expect(throws: BatchDefect.self) {
            try postings.add(skipping.header, raw: raw, batchTables: BatchTables())
        }
        #expect(defect?.description == "positions or places do not follow")
        #expect(postings.frames.isEmpty)
    }

    @Test func `given nothing in it, when asked, then nothing matches`() throws {
        let index = TagIndex(secret: TagKey.Secret(low: 1, high: 2), base: position(4))
        let query = Query.tag(OrderID(rawValue: 1).tag)
        #expect(index.matches(query, from: position(5), through: position(9)) == [])
        #expect(index.firstMatch(query, after: position(5), through: position(9)) == nil)
    }

    @Test func `given a key or none, when recorded, then only a key is remembered`() throws {
        let log = try create(SimulatedDisk())
        try log.append(batch(event(), key: "a"))
        var keys = try IdempotencyIndex(reading: log.reader)
        let positions = position(2)...position(2)
        keys.record(metadata(), at: positions)
        #expect(try keys.result(of: metadata()) == nil)
        #expect(try keys.result(of: metadata(key: "a")) == position(1)...position(1))
        keys.record(metadata(key: "b"), at: positions)
        #expect(try keys.result(of: metadata(key: "b")) == positions)
    }
}
