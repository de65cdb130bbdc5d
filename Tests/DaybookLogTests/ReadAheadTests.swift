import DaybookCore
import Testing

@testable import DaybookLog

private func create(_ disk: SimulatedDisk, _ options: EventLogOptions) throws -> OpenedLog {
    try LogDirectory.create(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

/// A log with an active segment of more than a mebibyte.
private func largeLog(_ codec: EventLogOptions.Codec = .lz4) throws -> (SimulatedDisk, OpenedLog) {
    var options = smallOptions(codec: codec)
    options.firstSegmentByteCount = 4 << 20
    options.segmentByteCount = 4 << 20
    let disk = SimulatedDisk()
    let log = try create(disk, options)
    var generator = SeededGenerator(seed: testSeed("ReadAheadTests"))
    var logs = IndexedLogs("ReadAheadTests")
    try logs.fill(log, batches: 300)
    for _ in 0..<6 {
        // Nothing in it that LZ4 could make smaller.
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        _ = try log.append(
            batch(ProposedEvent(type: "D", tags: [IndexedLogs.tag(3)], payload: noise)))
        try logs.fill(log, batches: 40)
    }
    return (disk, log)
}

extension LogReader {
    /// Reads with the second thread, whatever the range takes.
    fileprivate func ahead(from first: UInt64, through last: UInt64) throws -> FrameAhead {
        try FrameAhead(
            FrameScan(
                self, segments: snapshot().segments, from: LogPosition(rawValue: first),
                readAhead: 64 << 10),
            first: LogPosition(rawValue: first), last: LogPosition(rawValue: last))
    }

    fileprivate func frames(from first: UInt64, through last: UInt64) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        let scan = FrameScan(
            self, segments: snapshot().segments, from: LogPosition(rawValue: first),
            readAhead: 64 << 10)
        while let found = try scan.next() {
            guard let positions = found.header.positions, positions.upperBound.rawValue >= first
            else { continue }
            guard positions.lowerBound.rawValue <= last else { break }
            frames.append(Array(try scan.raw(of: found)))
        }
        return frames
    }
}

@Suite struct `Reading ahead` {
    @Test(arguments: [EventLogOptions.Codec.lz4, .none])
    func `given any range, when read by two threads, then the frames are those of one`(
        codec: EventLogOptions.Codec
    ) throws {
        let several = try create(SimulatedDisk(), smallOptions(codec: codec))
        var logs = IndexedLogs("ReadAheadTests.segments")
        try logs.fill(several, batches: 200)
        #expect(several.reader.statistics.segmentCount > 1)
        for reader in [try largeLog(codec).1.reader, several.reader] {
            let head = reader.head.position.rawValue
            for (first, last) in [
                (1, head), (1, 1), (head, head), (57, head - 80), (head / 2, head),
            ] {
                let ahead = try reader.ahead(from: first, through: last)
                defer { ahead.finish() }
                var frames: [[UInt8]] = []
                while let frame = try ahead.next() { frames.append(Array(frame.raw)) }
                #expect(try frames == reader.frames(from: first, through: last))
            }
        }
    }

    @Test func `given a reader that stops early, when it is finished, then the thread has ended`()
        throws
    {
        let (_, log) = try largeLog()
        for taken in 0..<4 {
            let ahead = try log.reader.ahead(
                from: 1, through: log.reader.head.position.rawValue)
            for _ in 0..<taken { _ = try ahead.next() }
            ahead.finish()
        }
        try log.committer.close()
    }

    @Test func `given a damaged frame, when read ahead, then what is before it comes first`() throws
    {
        let (disk, log) = try largeLog()
        let sound = try log.reader.frames(from: 1, through: log.reader.head.position.rawValue)
        let segment = LogFileName.segment(1)
        let entry = try #require(log.reader.snapshot().segments[0].tally.entries.last)
        disk.flip(segment, byte: Int(entry.byteOffset) + FrameHeader.byteCount + 3, bit: 1)
        let ahead = try log.reader.ahead(from: 1, through: log.reader.head.position.rawValue)
        defer { ahead.finish() }
        var frames: [[UInt8]] = []
        let error = #expect(throws: EventLogError.self) {
            while let frame = try ahead.next() { frames.append(Array(frame.raw)) }
        }
        #expect(error?.code == .damaged)
        #expect(!frames.isEmpty && frames.count < sound.count)
        #expect(frames == Array(sound.prefix(frames.count)))
    }
}

@Suite struct `First question of a process` {
    @Test
    func
        `given a large active segment, when asked for the first time, then the answer is that of a scan and of the second time`()
        throws
    {
        let (_, log) = try largeLog()
        let all = try log.reader.read(.all)
        let end = all.count
        let questions: [(Query, Int?, Int?, ReadDirection, Int?)] = [
            (.tag(IndexedLogs.tag(3)), nil, nil, .forwards, nil),
            (.tag(IndexedLogs.tag(3)), nil, nil, .backwards, 2),
            (.tag(IndexedLogs.tag(1)), 40, end - 9, .forwards, 5),
            (.any([QueryItem(types: ["A", "D"], tags: [])]), nil, nil, .backwards, nil),
            (
                .any([
                    QueryItem(types: ["B"], tags: [IndexedLogs.tag(0), IndexedLogs.tag(1)]),
                    QueryItem(types: [], tags: [IndexedLogs.tag(5)]),
                ]), end / 3, nil, .forwards, nil
            ),
            (.any([QueryItem(types: ["Never"], tags: [])]), nil, nil, .forwards, nil),
        ]
        for (query, from, through, direction, limit) in questions {
            var expected = all.filter {
                query.matches(type: $0.type, tags: $0.tags)
                    && $0.position.rawValue >= from ?? 0
                    && $0.position.rawValue <= through ?? .max
            }
            if direction == .backwards { expected.reverse() }
            expected = Array(expected.prefix(limit ?? .max))
            // A reader of its own has asked nothing yet.
            let reader = try LogReader.openReadOnly(
                storage: log.reader.storage, hash: .sha256, upcasters: .none)
            for time in ["first", "second"] {
                let answer = try reader.read(
                    query, from: from.map { position(UInt64($0)) },
                    through: through.map { position(UInt64($0)) }, direction: direction,
                    limit: limit)
                #expect(answer == expected, "\(time): \(query)")
            }
        }
    }
}

@Suite struct `Verification of what is stored` {
    @Test
    func `given a sound log, when its stored bytes are verified, then all but the root is told`()
        throws
    {
        let (disk, log) = try largeLog()
        try log.committer.close()
        let content = try LogVerifier.verify(storage: disk, hash: .sha256)
        var stored = try LogVerifier.verify(storage: disk, hash: .sha256, depth: .stored)
        #expect(stored.isSound)
        #expect(stored.merkleRoot == nil)
        stored.merkleRoot = content.merkleRoot
        #expect(stored == content)
    }

    @Test
    func `given a flipped bit anywhere in the frames, when verified as stored, then it is found`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions())
        var logs = IndexedLogs("ReadAheadTests.flips")
        try logs.fill(log, batches: 120)
        try log.committer.close()
        let names = disk.fileNames.filter { $0.hasSuffix(".seg") && $0.hasPrefix("log-") }
        #expect(names.count > 1)
        for name in names {
            let end = (disk.bytes(name).lastIndex { $0 != 0 } ?? 0) + 1
            for byte in stride(from: 0, to: end, by: 29) {
                disk.flip(name, byte: byte, bit: byte % 8)
                let report = try LogVerifier.verify(
                    storage: disk, hash: .sha256, depth: .stored)
                #expect(!report.isSound, "\(name) byte \(byte)")
                disk.flip(name, byte: byte, bit: byte % 8)
            }
        }
    }
}

@Suite struct `Stored form of actors` {
    @Test
    func `given any bytes, when looked at, then they are an actor exactly when they are read`() {
        let texts = [
            "", "system", "systems", "gateway", "operator", "operator:", "operator:Ada",
            "operator:Zoë", "import", "user:usr_01h2xcejqtf2nbrexx3vqjhp41", "user:", "user=",
            "user=0123456789abcdef", "user=0123456789abcde", "user=0123456789abcdefg", "nobody",
        ]
        for text in texts + ["operator:\u{301}"] {
            Array(text.utf8).withUnsafeBytes { bytes in
                #expect(Actor.isStored(bytes) == (Actor(stored: bytes) != nil), "\(text)")
            }
        }
        let broken: [[UInt8]] = [
            [0xFF], Array("operator:".utf8) + [0xC3], Array("syste".utf8) + [0xED],
        ]
        for bytes in broken {
            bytes.withUnsafeBytes { bytes in
                #expect(!Actor.isStored(bytes))
                #expect(Actor(stored: bytes) == nil)
            }
        }
        Array("operator:Ada".utf8).withUnsafeBytes {
            #expect(Actor(stored: $0) == .operator("Ada"))
        }
        Array("operator:".utf8).withUnsafeBytes { #expect(Actor(stored: $0) == .operator("")) }
    }
}
