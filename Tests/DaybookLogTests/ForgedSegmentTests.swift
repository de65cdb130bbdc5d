import DaybookCore
import Testing

@testable import DaybookLog

private func open(_ storage: any Storage) throws -> OpenedLog {
    try LogDirectory.open(
        storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read)
}

/// Sealed segments, which opening does not step through, with frames whose checksums are right.
@Suite struct `Reading forged segments` {
    /// The frame of position 4, which is the fifth: a note comes first.
    private func log(
        _ codec: EventLogOptions.Codec = .none, index: Bool = false, chained: Bool = true,
        forge: (inout [UInt8]) -> Void
    ) throws -> (SimulatedDisk, LogReader) {
        let disk = try closedLog(codec: codec)
        if index {
            let log = try open(disk)
            try indexAll(log.reader)
            try log.committer.close()
        }
        let frames = disk.frames(ofSegment: 1)
        #expect(frames[4].firstPosition == position(4))
        disk.rewriteFrame(frames[4], after: chained ? frames[3].chain : nil, forge)
        return (disk, try open(disk).reader)
    }

    private func error(_ body: () throws -> Void) -> EventLogError? {
        #expect(throws: EventLogError.self) { try body() }
    }

    @Test
    func
        `given a frame that says that it holds other positions, when read, then each way is an error`()
        throws
    {
        let (_, reader) = try log(index: true, chained: false) { $0[38] = 1 }
        let readings: [() throws -> Void] = [
            { _ = try reader.read(.tag(OrderID(rawValue: 4).tag)) },
            { _ = try reader.read(.all, through: position(4), direction: .backwards, limit: 1) },
            { _ = try reader.position(asOf: .time(Instant(microseconds: 0))) },
        ]
        for (number, read) in readings.enumerated() {
            let error = error(read)
            #expect(error?.code == .damaged, "reading \(number)")
            #expect(error?.positions == position(4)...position(4), "reading \(number)")
        }
        #expect(try reader.chain(at: position(4)) == nil)
        #expect(try reader.batch(containing: position(4)) == nil)
        // Everything else is served.
        #expect(try reader.read(.tag(OrderID(rawValue: 5).tag)).count == 1)
        #expect(try reader.batch(containing: position(5))?.number == 5)
    }

    @Test func `given an event with a tag that is not there, when read, then the frame is named`()
        throws
    {
        let (_, reader) = try log { frame in
            let tags = frame[128...].firstRange(of: [0x1A, 0x02, 0x00, 0x01])
            if let tags { frame[tags.upperBound - 1] = 7 }
        }
        let scanned = error { _ = try reader.read(.all) }
        #expect(scanned?.finding?.evidence == "content(tag index)")
        #expect(scanned?.finding?.positions == position(4)...position(4))
        let asked = error { _ = try reader.batch(containing: position(4)) }
        #expect(asked?.code == .damaged)
        #expect(asked?.message.contains("tag index") == true)
        let indexed = error { _ = try reader.read(.tag(OrderID(rawValue: 4).tag)) }
        #expect(indexed?.finding?.evidence == "content(tag index)")
    }

    @Test func `given a frame with fewer events than it says, when asked, then the frame is named`()
        throws
    {
        let (_, reader) = try log { $0[44] += 1 }
        let asked = error { _ = try reader.batch(containing: position(4)) }
        #expect(asked?.finding?.evidence == "content(fewer than the frame's header says)")
    }

    @Test
    func
        `given a payload that does not decompress, when read one way or the other, then it is named`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        for number in 1...80 {
            try log.append(
                batch(
                    event(
                        order: UInt128(number),
                        payload: String(repeating: "order \(number) ", count: 150))))
        }
        try log.committer.close()
        #expect(log.reader.statistics.segmentCount > 1)
        let frame = disk.frames(ofSegment: 1)[1]
        #expect(frame.codec == .lz4)
        disk.rewriteFrame(frame, after: .zero) { bytes in
            for index in 128..<(128 + Int(frame.storedByteCount)) { bytes[index] = 0xFF }
        }
        let reader = try open(disk).reader
        #expect(error { _ = try reader.read(.all) }?.finding?.evidence == "decompression")
        let scan = FrameScan(
            reader, segments: reader.snapshot().segments, from: position(2), readAhead: 4_096)
        var found = try scan.next()
        while let header = found?.header, !header.holds(position(2)) { found = try scan.next() }
        let second = try #require(found)
        let into = error { try scan.raw(of: second, into: GrowingBuffer()) }
        #expect(into?.finding?.evidence == "decompression")
        #expect(into?.finding?.byteRange == frame.byteOffset..<frame.endOffset)
    }
}

@Suite struct `Ranges of a reader` {
    private func threeInOneFrame() throws -> OpenedLog {
        let log = try LogDirectory.create(
            storage: SimulatedDisk(), options: smallOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        #expect(log.reader.statistics.lastTime == nil)
        for number in 1...3 { _ = try log.writer.stage(batch(event(order: UInt128(number)))) }
        let group = try #require(log.writer.closeGroup())
        _ = try log.committer.commit(group)
        return log
    }

    @Test
    func `given several batches in a frame, when a range ends inside, then no more are visited`()
        throws
    {
        let reader = try threeInOneFrame().reader
        var numbers: [UInt64] = []
        try reader.forEachBatch(from: position(1), through: position(2)) { batch in
            numbers.append(batch.number)
            return true
        }
        #expect(numbers == [1, 2])
    }

    @Test func `given a frame in memory, when its chain is asked for, then no disk is`() throws {
        let reader = try threeInOneFrame().reader
        let cold = try reader.chain(at: position(2))
        _ = try reader.batch(containing: position(2))
        #expect(try reader.chain(at: position(2)) == cold)
        #expect(cold == reader.head.chain)
    }
}
