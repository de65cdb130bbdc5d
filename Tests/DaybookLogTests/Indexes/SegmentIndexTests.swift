import DaybookCore
import DaybookLog
import Glibc
import Testing

private func create(_ storage: any Storage, _ options: EventLogOptions = smallOptions()) throws
    -> OpenedLog
{
    try LogDirectory.create(
        storage: storage, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

private func open(_ storage: any Storage) throws -> OpenedLog {
    try LogDirectory.open(
        storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read)
}

private func indexNames(_ disk: SimulatedDisk) -> [String] {
    disk.fileNames.filter { $0.hasPrefix("index/") }
}

@Suite struct `Index of sealed segments` {
    @Test
    func
        `given random logs of many segments, when asked at random while they grow and after a restart, then answers are those of a scan`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.property")
        for round in 0..<3 {
            let disk = SimulatedDisk()
            let log = try create(disk)
            for _ in 0..<4 {
                try logs.fill(log, batches: 150)
                if round != 1 { try indexAll(log.reader) }
                let all = try log.reader.read(.all)
                #expect(try logs.firstDifference(log.reader, from: all, questions: 60) == nil)
            }
            let all = try log.reader.read(.all)
            try log.committer.close()
            let again = try open(disk)
            #expect(try logs.firstDifference(again.reader, from: all, questions: 60) == nil)
            let counts = again.reader.indexCounts
            #expect(counts.made == 0 && counts.refused == 0, "\(counts)")
            #expect(counts.opened >= 5, "\(counts)")
        }
    }

    @Test
    func
        `given one large segment, when lists take many blocks, then types and tags intersect as in a scan`()
        throws
    {
        var options = smallOptions()
        options.firstSegmentByteCount = 1 << 20
        let disk = SimulatedDisk()
        let log = try create(disk, options)
        // 20,000 events: "t:0" on every one, "t:2" on every third, "n=1" on every 4,999th.
        for start in stride(from: 0, to: 20_000, by: 500) {
            let events = (start..<(start + 500)).map { number in
                var tags = [IndexedLogs.tag(0)]
                if number % 3 == 0 { tags.append(IndexedLogs.tag(2)) }
                if number % 4_999 == 0 { tags.append(IndexedLogs.tag(1)) }
                return ProposedEvent(type: number % 2 == 0 ? "A" : "B", tags: tags, payload: [])
            }
            _ = try log.append(ProposedBatch(metadata: metadata(), events: events))
        }
        let filler = ProposedEvent(
            type: "D", tags: [],
            payload: (0..<600_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) })
        for _ in 0..<4 { _ = try log.append(batch(filler)) }
        #expect(log.reader.statistics.segmentCount > 1)
        try indexAll(log.reader)
        let rare = try log.reader.read(
            .any([QueryItem(types: ["A"], tags: [IndexedLogs.tag(0), IndexedLogs.tag(1)])]))
        #expect(rare.map(\.position.rawValue) == [1, 9_999, 19_997])
        let thirds = try log.reader.read(
            .any([QueryItem(types: ["B"], tags: [IndexedLogs.tag(0), IndexedLogs.tag(2)])]),
            from: position(10_000))
        #expect(
            thirds.map(\.position.rawValue) == Array(stride(from: 10_000, through: 19_996, by: 6)))
        let either = try log.reader.read(
            .any([QueryItem(types: ["A"]), QueryItem(types: ["B"])]), direction: .backwards,
            limit: 3)
        #expect(either.map(\.position.rawValue) == [20_000, 19_999, 19_998])
        #expect(log.reader.indexCounts.refused == 0)
    }

    @Test
    func
        `given an index, when any byte of it is changed, then the change is noticed`() throws
    {
        var logs = IndexedLogs("SegmentIndexTests.everyByte")
        let disk = SimulatedDisk()
        let log = try create(disk)
        try logs.fill(log, batches: 120)
        try indexAll(log.reader)
        let name = LogFileName.index(1)
        let sound = disk.bytes(name)
        #expect(sound.count >= 5 * 4096)
        let segments = log.reader.indexReport(everyBlock: true).soundCount
        #expect(segments >= 2)
        var unnoticed: [Int] = []
        for byte in sound.indices {
            disk.flip(name, byte: byte, bit: byte % 8)
            let report = log.reader.indexReport(everyBlock: true)
            if report.damaged.map(\.segment) != [1] || report.soundCount != segments - 1 {
                unnoticed.append(byte)
            }
            disk.flip(name, byte: byte, bit: byte % 8)
        }
        #expect(unnoticed == [])
        #expect(log.reader.indexReport(everyBlock: true).soundCount == segments)
    }

    @Test
    func
        `given damaged, cut, swapped, foreign and missing indexes, when asked, then they are made anew and never believed`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.damage")
        let disk = SimulatedDisk()
        let log = try create(disk)
        try logs.fill(log, batches: 200)
        try indexAll(log.reader)
        let all = try log.reader.read(.all)
        try log.committer.close()
        let sound = disk.bytes(LogFileName.index(1))
        let other = disk.bytes(LogFileName.index(2))
        let foreign = try foreignIndex()
        #expect(indexNames(disk).count >= 3)
        var cases: [(name: String, bytes: [UInt8]?)] = [
            ("missing", nil), ("empty", []), ("of segment 2", other), ("of another log", foreign),
            ("one block more", sound + [UInt8](repeating: 0, count: 4096)),
            ("all zero", [UInt8](repeating: 0, count: sound.count)),
        ]
        for byteCount in stride(from: 1, to: sound.count, by: 1_371) {
            cases.append(("cut to \(byteCount)", Array(sound.prefix(byteCount))))
        }
        for byte in stride(from: 0, to: sound.count, by: isExhaustive ? 1 : 401) {
            var bytes = sound
            bytes[byte] ^= 1 << UInt8(byte % 8)
            cases.append(("byte \(byte)", bytes))
        }
        // A block of the same index in another block's place, its checksum right.
        cases.append(("blocks 2 and 3 exchanged", exchanged(sound, 2, 3)))
        for (name, bytes) in cases {
            if let bytes {
                disk.set(LogFileName.index(1), bytes)
            } else {
                disk.remove(LogFileName.index(1))
            }
            let again = try open(disk)
            let difference = try logs.firstDifference(again.reader, from: all, questions: 12)
            #expect(difference == nil, "\(name)")
            let first = try again.reader.read(.any([QueryItem(types: IndexedLogs.types)]))
            #expect(first == all, "\(name)")
            // Not every question looks at every block; a check of all of them does.
            if again.reader.indexReport(everyBlock: true).damaged.isEmpty {
                #expect(disk.bytes(LogFileName.index(1)) == sound, "\(name)")
                #expect(again.reader.indexCounts.made == 1, "\(name)")
            }
            if bytes == nil || bytes?.count != sound.count {
                #expect(again.reader.indexCounts.written == 1, "\(name)")
                #expect(disk.bytes(LogFileName.index(1)) == sound, "\(name)")
            }
            try again.committer.close()
        }
    }

    private func exchanged(_ bytes: [UInt8], _ first: Int, _ second: Int) -> [UInt8] {
        var result = bytes
        let a = Array(bytes[(first * 4096)..<((first + 1) * 4096)])
        let b = Array(bytes[(second * 4096)..<((second + 1) * 4096)])
        result.replaceSubrange((first * 4096)..<((first + 1) * 4096), with: b)
        result.replaceSubrange((second * 4096)..<((second + 1) * 4096), with: a)
        return result
    }

    /// The index of the first segment of a log with another id.
    private func foreignIndex() throws -> [UInt8] {
        var logs = IndexedLogs("SegmentIndexTests.foreign")
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            newLogID: LogID(rawValue: 77), salt: testSalt)
        try logs.fill(log, batches: 100)
        try indexAll(log.reader)
        return disk.bytes(LogFileName.index(1))
    }

    @Test
    func
        `given a reader without the right to write, when indexes are there, missing or damaged, then it answers and writes nothing`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.readOnly")
        let disk = SimulatedDisk()
        let log = try create(disk)
        try logs.fill(log, batches: 200)
        let all = try log.reader.read(.all)
        let bare = disk.readOnly()
        // Beside the writer, without its lock: it must not write either, whatever the storage allows.
        for storage in [bare, disk] {
            let reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
            #expect(try logs.firstDifference(reader, from: all, questions: 40) == nil)
            #expect(reader.indexCounts.made >= 2 && reader.indexCounts.written == 0)
            #expect(indexNames(disk).isEmpty)
        }
        try indexAll(log.reader)
        let names = indexNames(disk)
        #expect(names.count >= 2)
        let indexed = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        #expect(try logs.firstDifference(indexed, from: all, questions: 40) == nil)
        #expect(indexed.indexCounts.made == 0 && indexed.indexCounts.opened >= 2)
        disk.flip(LogFileName.index(1), byte: 20, bit: 1)
        let damaged = disk.bytes(LogFileName.index(1))
        let wary = try LogReader.openReadOnly(storage: disk.readOnly(), hash: .sha256)
        #expect(try logs.firstDifference(wary, from: all, questions: 40) == nil)
        #expect(wary.indexCounts.made == 1 && wary.indexCounts.refused == 1)
        #expect(disk.bytes(LogFileName.index(1)) == damaged)
    }

    @Test
    func
        `given a large log, when one tag is asked for, then only the frames that hold it are read`()
        throws
    {
        let disk = SimulatedDisk()
        let counting = CountingStorage(disk)
        let log = try create(counting, smallOptions(codec: .none))
        let needle = Tag(label: "needle", text: "here")
        for number in 1...1_500 {
            let isWanted = [3, 700, 701, 1_200].contains(number)
            let event = ProposedEvent(
                type: "Seen", tags: isWanted ? [needle] : [IndexedLogs.tag(number)],
                payload: Array("some bytes \(number)".utf8))
            _ = try log.append(batch(event))
        }
        try indexAll(log.reader)
        try log.committer.close()
        let segments = log.reader.statistics.segmentCount
        #expect(segments > 20)
        let reader = try LogReader.openReadOnly(storage: counting, hash: .sha256)
        _ = try reader.read(.tag(Tag(label: "none", text: "nowhere")))
        _ = counting.takeReads("")
        let found = try reader.read(.tag(needle))
        #expect(found.map(\.position.rawValue) == [3, 700, 701, 1_200])
        let reads = counting.takeReads("")
        let frames = reads.filter { $0.file.hasSuffix(".seg") }
        #expect(frames.count == 4)
        for read in frames {
            let bytes = disk.bytes(read.file)[
                Int(read.range.lowerBound)..<Int(read.range.upperBound)]
            #expect(Array(bytes.prefix(4)) == [0xF5, 0x44, 0x42, 0x46], "\(read)")
            #expect(String(decoding: bytes, as: UTF8.self).contains("needle:here"), "\(read)")
            #expect(bytes.count < 512, "\(read)")
        }
        // One block of the filter a segment, a few more where the tag is.
        let blocks = reads.filter { $0.file.hasSuffix(".idx") }
        #expect(blocks.count <= segments + 20, "\(blocks.count) blocks in \(segments) segments")
        // A second time everything is in memory.
        _ = try reader.read(.tag(needle))
        #expect(counting.takeReads("").isEmpty)
    }

    @Test
    func
        `given a disk that takes no index, when asked and appended, then answers are right and nothing fails`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.noSpace")
        let disk = SimulatedDisk()
        let log = try create(disk)
        disk.fail(.write, with: ENOSPC, file: "index/new.idx", for: true)
        try logs.fill(log, batches: 150)
        try indexAll(log.reader)
        let all = try log.reader.read(.all)
        #expect(try logs.firstDifference(log.reader, from: all, questions: 40) == nil)
        #expect(log.reader.indexCounts.made >= 2 && log.reader.indexCounts.written == 0)
        #expect(indexNames(disk).isEmpty)
        disk.heal()
        try log.committer.close()
        let again = try open(disk)
        try indexAll(again.reader)
        #expect(again.reader.indexCounts.written >= 2)
    }

    @Test
    func
        `given a disk that does not give an index back, when asked, then it is made in memory`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.unreadable")
        let disk = SimulatedDisk()
        let log = try create(disk)
        try logs.fill(log, batches: 150)
        let all = try log.reader.read(.all)
        try indexAll(log.reader)
        disk.fail(.read, with: EIO, file: LogFileName.index(1), for: true)
        #expect(try logs.firstDifference(log.reader, from: all, questions: 40) == nil)
        #expect(log.reader.indexCounts.refused >= 1)
    }

    @Test
    func
        `given a closed log, when its reader is still asked, then it answers and writes no index`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.closed")
        let disk = SimulatedDisk()
        let log = try create(disk)
        try logs.fill(log, batches: 150)
        let all = try log.reader.read(.all)
        try log.committer.close()
        #expect(try log.reader.indexNextSegment() == false)
        #expect(try logs.firstDifference(log.reader, from: all, questions: 40) == nil)
        #expect(indexNames(disk).isEmpty)
    }

    @Test
    func `given indexes of every kind, when the log is verified, then it is sound and says so`()
        throws
    {
        var logs = IndexedLogs("SegmentIndexTests.verify")
        let disk = SimulatedDisk()
        let log = try create(disk)
        try logs.fill(log, batches: 250)
        try indexAll(log.reader)
        try log.committer.close()
        disk.remove(LogFileName.index(1))
        disk.flip(LogFileName.index(2), byte: 9_000, bit: 0)
        let report = try LogVerifier.verify(storage: disk, hash: .sha256)
        #expect(report.isSound && report.findings.isEmpty)
        #expect(report.indexes.missing == [1])
        #expect(report.indexes.damaged.map(\.segment) == [2])
        #expect(report.indexes.soundCount == log.reader.statistics.segmentCount - 3)
        #expect(
            report.indexes.damaged[0].description
                == "index/segment-00000000000000000002.idx: block 2: checksum; it will be made anew"
        )
    }

    @Test
    func
        `given a log with many threads, when it rotates, then indexes are written in the background and answers are right`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let log = try EventLog.create(
            directory: directory.path + "/log", options: smallOptions(), hash: .sha256,
            clock: TestClock().read, id: testLogID, salt: testSalt)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<100 {
                        _ = try? await log.append(
                            batch(event(order: UInt128(writer * 100 + number))))
                        if number % 10 == 0 { _ = try? log.read(.tag(OrderID(rawValue: 5).tag)) }
                    }
                }
            }
        }
        let sealed = log.statistics.segmentCount - 1
        #expect(sealed >= 3)
        // The thread works on its own; the last segments may still be in its hands.
        while log.reader.indexReport(everyBlock: false).soundCount < sealed { await Task.yield() }
        for order in [0, 150, 399] as [UInt128] {
            #expect(try log.read(.tag(OrderID(rawValue: order).tag)).count == 1)
        }
        try await log.close()
        let again = try EventLog.open(
            directory: directory.path + "/log", options: smallOptions(), hash: .sha256,
            clock: TestClock().read)
        #expect(try again.read(.tag(OrderID(rawValue: 399).tag)).count == 1)
        #expect(again.reader.indexCounts.made == 0)
        try await again.close()
    }
}
