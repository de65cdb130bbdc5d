import DaybookCore
import DaybookLog
import Testing

private func create(_ disk: SimulatedDisk) throws -> OpenedLog {
    try LogDirectory.create(
        storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

@Suite struct `Reading` {
    @Test
    func
        `given many segments, when every position is asked for, then its batch is found, also after a restart`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        for number in 1...150 {
            try log.append(
                batch(event(order: UInt128(number)), event("Paid", order: UInt128(number))))
        }
        #expect(log.reader.statistics.segmentCount > 3)
        #expect(log.reader.statistics.batchCount == 150)
        #expect(log.reader.statistics.eventCount == 300)
        try log.committer.close()
        let again = try LogDirectory.open(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
        #expect(again.reader.statistics == log.reader.statistics)
        for reader in [log.reader, again.reader] {
            for number in 1...150 as ClosedRange<UInt64> {
                let found = try #require(try reader.batch(containing: position(2 * number)))
                #expect(
                    try reader.metadata(ofBatchHolding: position(2 * number)) == found.metadata)
                let head = try #require(
                    try reader.head(ofBatchHolding: position(2 * number - 1)))
                #expect(head.number == number && head.metadata == found.metadata)
                #expect(head.lastPosition == position(2 * number))
                #expect(found.number == number)
                #expect(found.firstPosition == position(2 * number - 1))
                #expect(found.events[0].tags[0] == OrderID(rawValue: UInt128(number)).tag)
            }
            #expect(try reader.batch(containing: .start) == nil)
            #expect(try reader.batch(containing: position(301)) == nil)
            #expect(try reader.metadata(ofBatchHolding: position(301)) == nil)
            #expect(try reader.head(ofBatchHolding: position(301)) == nil)
        }
    }

    @Test
    func
        `given batches of two events, when visited in a range, then exactly the batches that touch it come`()
        throws
    {
        let log = try create(SimulatedDisk())
        for _ in 1...100 { try log.append(batch(event(), event("Paid"))) }
        func numbers(_ from: UInt64, _ through: UInt64?) throws -> [UInt64] {
            var numbers: [UInt64] = []
            try log.reader.forEachBatch(from: position(from), through: through.map(position)) {
                numbers.append($0.number)
                return numbers.count < 5
            }
            return numbers
        }
        #expect(try numbers(0, 4) == [1, 2])
        #expect(try numbers(4, 5) == [2, 3])
        #expect(try numbers(151, nil) == [76, 77, 78, 79, 80])
        #expect(try numbers(199, nil) == [100])
        #expect(try numbers(201, nil) == [])
    }

    @Test
    func
        `given a group of several batches in one frame, then the chain at each of their positions is the frame's`()
        throws
    {
        let log = try create(SimulatedDisk())
        try log.append(batch(event()))
        let first = log.reader.head.chain
        for _ in 1...3 { _ = try log.writer.stage(batch(event())) }
        _ = try log.committer.commit(try #require(log.writer.closeGroup()))
        #expect(try log.reader.chain(at: .start) == HashFunction.sha256.genesisChain(of: testLogID))
        #expect(try log.reader.chain(at: position(1)) == first)
        for place in 2...4 as ClosedRange<UInt64> {
            #expect(try log.reader.chain(at: position(place)) == log.reader.head.chain)
        }
        #expect(try log.reader.chain(at: position(5)) == nil)
    }

    @Test func `given a log read forwards and backwards with limits, then ranges are inclusive`()
        throws
    {
        let log = try create(SimulatedDisk())
        for _ in 1...10 { try log.append(batch(event(), event("Paid"))) }
        func positions(_ direction: ReadDirection, _ query: Query = .all) throws -> [UInt64] {
            try log.reader.read(
                query, from: position(4), through: position(9), direction: direction, limit: 4
            ).map(\.position.rawValue)
        }
        #expect(try positions(.forwards) == [4, 5, 6, 7])
        #expect(try positions(.backwards) == [9, 8, 7, 6])
        let paid = Query.any([QueryItem(types: ["Paid"])])
        #expect(try positions(.forwards, paid) == [4, 6, 8])
        #expect(try positions(.backwards, paid) == [8, 6, 4])
    }

    @Test
    func
        `given a running writer, when a read-only reader refreshes, then it sees what is durable, across rotations, and takes no lock`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        let reader = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        #expect(reader.head.position == .start)
        var seen: UInt64 = 0
        for number in 1...120 {
            _ = try log.writer.stage(batch(event(order: UInt128(number))))
            let beside = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
            #expect(beside.head == log.reader.head)
            _ = try log.committer.commit(try #require(log.writer.closeGroup()))
            if number % 7 == 0 { seen = UInt64(number) }
        }
        let follower = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        #expect(follower.head == log.reader.head)
        #expect(seen == 119)
        #expect(
            try follower.read(.tag(OrderID(rawValue: 60).tag)).map(\.position) == [position(60)])
        #expect(follower.statistics == log.reader.statistics)
    }

    @Test
    func
        `given a read-only reader on a real directory, when the writer goes on through several segments, then refresh follows`()
        throws
    {
        let directory = try TemporaryDirectory()
        let log = try LogDirectory.create(
            storage: try FileStorage(path: directory.path), options: smallOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        let reader = try LogReader.openReadOnly(
            storage: try FileStorage(path: directory.path, readOnly: true), hash: .sha256)
        for number in 1...200 {
            try log.append(batch(event(order: UInt128(number))))
            if number % 9 == 0 {
                try reader.refresh()
                #expect(reader.head == log.reader.head)
                #expect(reader.statistics == log.reader.statistics)
                #expect(try reader.read(.tag(OrderID(rawValue: UInt128(number)).tag)).count == 1)
            }
        }
        #expect(reader.statistics.segmentCount > 4)
    }

    @Test
    func
        `given damage in a sealed segment, when its range is read, then it is refused with the place and the rest is served`()
        throws
    {
        let disk = try closedLog()
        disk.flip("log-00000000000000000002.seg", byte: 4096 + 500, bit: 1)
        let log = try LogDirectory.open(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read)
        let error = #expect(throws: EventLogError.self) { try log.reader.read(.all) }
        #expect(error?.code == .damaged)
        #expect(error?.finding?.segment == 2)
        #expect(try log.reader.read(.all, from: position(60)).count == 61)
        #expect(try log.reader.batch(containing: position(3))?.number == 3)
    }

    @Test
    func
        `given schemas, when segments begin, then each has them as its first frame, and changed schemas follow a reopen`()
        throws
    {
        let disk = SimulatedDisk()
        var options = smallOptions(codec: .none)
        options.schema = Array("first schema".utf8)
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        for _ in 1...60 { try log.append(batch(event())) }
        try log.committer.close()
        func count(_ text: String) -> Int {
            disk.fileNames.filter { $0.hasPrefix("log-") }.reduce(0) { sum, name in
                sum
                    + (String(decoding: disk.bytes(name), as: Unicode.ASCII.self).contains(text)
                        ? 1 : 0)
            }
        }
        #expect(count("first schema") == log.reader.statistics.segmentCount)
        options.schema = Array("second schema".utf8)
        let again = try LogDirectory.open(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read)
        try again.append(batch(event()))
        #expect(count("second schema") == 1)
        try again.committer.close()
        let same = try LogDirectory.open(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read)
        let frameCount = same.reader.statistics.frameCount
        try same.append(batch(event()))
        #expect(same.reader.statistics.frameCount == frameCount + 1)
        try same.committer.close()
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
    }
}
