import DaybookCore
import Glibc
import Synchronization
import Testing

@testable import DaybookLog

private func create(_ storage: any Storage) throws -> OpenedLog {
    try LogDirectory.create(
        storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
}

private func open(_ storage: any Storage) throws -> OpenedLog {
    try LogDirectory.open(
        storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read)
}

/// A log of more than two groups, all of its indexes and groups made.
private struct GroupedLog {
    var logs: IndexedLogs
    let disk = SimulatedDisk()
    let log: OpenedLog
    let all: [RecordedEvent]

    init(_ test: String) throws {
        logs = IndexedLogs(test)
        log = try create(disk)
        while log.reader.statistics.segmentCount < 36 { try logs.fill(log, batches: 50) }
        try indexAll(log.reader)
        all = try log.reader.read(.all)
    }
}

private let firstGroup = LogFileName.group(from: 1)

@Suite struct `Groups of sealed segments` {
    @Test
    func `given many segments, when all are indexed, then each sixteen of them have a group`()
        throws
    {
        let grouped = try GroupedLog("SegmentGroupTests.made")
        #expect(
            grouped.disk.fileNames.filter { $0.hasPrefix("index/group") }.prefix(2) == [
                "index/group-00000000000000000001.idx", "index/group-00000000000000000017.idx",
            ])
        // Nothing is left to make, now and after a restart.
        #expect(try grouped.log.reader.indexNextSegment() == false)
        try grouped.log.committer.close()
        let bytes = grouped.disk.bytes(firstGroup)
        let again = try open(grouped.disk)
        try indexAll(again.reader)
        #expect(again.reader.indexCounts.made == 0)
        let isTheSame = grouped.disk.bytes(firstGroup) == bytes
        #expect(isTheSame)
    }

    @Test
    func `given groups, when asked at random by a writer and beside it, then answers are a scan's`()
        throws
    {
        var grouped = try GroupedLog("SegmentGroupTests.answers")
        let reader = try LogReader.openReadOnly(storage: grouped.disk, hash: .sha256)
        for reader in [grouped.log.reader, reader] {
            #expect(
                try grouped.logs.firstDifference(reader, from: grouped.all, questions: 150) == nil)
            #expect(reader.indexCounts.refused == 0)
        }
    }

    @Test
    func `given a tag of one segment, when asked for, then the others' indexes are not read`()
        throws
    {
        let disk = SimulatedDisk()
        let counting = CountingStorage(disk)
        let log = try create(counting)
        let needle = Tag(label: "needle", text: "here")
        for number in 1...2_500 {
            let event = ProposedEvent(
                type: "Seen", tags: [number == 700 ? needle : IndexedLogs.tag(number)],
                payload: Array("some bytes \(number)".utf8))
            _ = try log.append(batch(event))
        }
        try indexAll(log.reader)
        try log.committer.close()
        let segments = log.reader.statistics.segmentCount
        #expect(segments > 33)
        let reader = try LogReader.openReadOnly(storage: counting, hash: .sha256)
        _ = counting.takeReads("")
        #expect(try reader.read(.tag(needle)).map(\.position.rawValue) == [700])
        let files = Set(counting.takeReads("").map(\.file))
        let sealed = segments - 1
        let grouped = sealed / 16 + (sealed % 16 >= 4 ? 1 : 0)
        #expect(files.filter { $0.hasPrefix("index/group") }.count == grouped)
        // Those without a group, the one with the tag, and now and then one that seems to have it.
        #expect(files.filter { $0.hasPrefix("index/segment") }.count <= sealed % 4 + 4)
    }

    @Test
    func `given a group that is damaged anywhere, when asked, then answers stay right`() throws {
        var grouped = try GroupedLog("SegmentGroupTests.damage")
        try grouped.log.committer.close()
        let sound = grouped.disk.bytes(firstGroup)
        let second = grouped.disk.bytes(LogFileName.group(from: 17))
        var cases: [(name: String, bytes: [UInt8])] = [
            ("empty", []), ("of other segments", second), ("cut", Array(sound.dropLast(4_096))),
            ("longer", sound + [UInt8](repeating: 0, count: 4_096)),
            ("all zero", [UInt8](repeating: 0, count: sound.count)),
        ]
        for byte in stride(from: 0, to: sound.count, by: isExhaustive ? 1 : 1_397) {
            var bytes = sound
            bytes[byte] ^= 1 << UInt8(byte % 8)
            cases.append(("byte \(byte)", bytes))
        }
        for (name, bytes) in cases {
            grouped.disk.set(firstGroup, bytes)
            let beside = try LogReader.openReadOnly(storage: grouped.disk.readOnly(), hash: .sha256)
            let difference = try grouped.logs.firstDifference(
                beside, from: grouped.all, questions: 8)
            #expect(difference == nil, "\(name)")
            let isUntouched = grouped.disk.bytes(firstGroup) == bytes
            #expect(isUntouched, "\(name)")
            // A writer makes it anew: at once what cannot be opened, else when somebody has met the damage.
            let again = try open(grouped.disk)
            for number in 0..<8 { _ = try again.reader.read(.tag(Self.tag(number))) }
            try indexAll(again.reader)
            #expect(
                try grouped.logs.firstDifference(again.reader, from: grouped.all, questions: 8)
                    == nil, "\(name)")
            try indexAll(again.reader)
            if again.reader.indexCounts.refused > 0 || bytes.count != sound.count {
                let isAnew = grouped.disk.bytes(firstGroup) == sound
                #expect(isAnew, "\(name)")
            }
            try again.committer.close()
        }
    }

    private static func tag(_ number: Int) -> DaybookCore.Tag {
        Tag(label: "nowhere", text: "\(number)")
    }

    @Test
    func `given a header that contradicts itself, when a group is opened, then it is not used`()
        throws
    {
        let grouped = try GroupedLog("SegmentGroupTests.header")
        try grouped.log.committer.close()
        let sound = grouped.disk.bytes(firstGroup)
        // Magic, major, minor, block length, log, first segment, digest, segments, lines, reserved.
        for byte in [0, 8, 10, 12, 16, 32, 40, 72, 76, 79, 80, 4_000] {
            var bytes = sound
            bytes[byte] ^= 0x40
            bytes.withUnsafeMutableBytes { bytes in
                let block = UnsafeMutableRawBufferPointer(rebasing: bytes[..<IndexBlock.byteCount])
                let binding = UnsafeRawBufferPointer(block).uint64(at: 4_080)
                IndexBlock.finish(block, number: 0, binding: binding)
            }
            grouped.disk.set(firstGroup, bytes)
            let again = try open(grouped.disk)
            try indexAll(again.reader)
            let isAnew = grouped.disk.bytes(firstGroup) == sound
            #expect(isAnew, "byte \(byte)")
            try again.committer.close()
        }
        // No line at all.
        var bytes = Array(sound.prefix(IndexBlock.byteCount))
        bytes.withUnsafeMutableBytes { bytes in
            bytes.store(UInt32(0), at: 76)
            let binding = UnsafeRawBufferPointer(bytes).uint64(at: 4_080)
            IndexBlock.finish(bytes, number: 0, binding: binding)
        }
        grouped.disk.set(firstGroup, bytes)
        let again = try open(grouped.disk)
        try indexAll(again.reader)
        let isAnew = grouped.disk.bytes(firstGroup) == sound
        #expect(isAnew)
    }

    @Test
    func `given a disk that takes or gives back no group, when asked, then each segment is asked`()
        throws
    {
        var logs = IndexedLogs("SegmentGroupTests.disk")
        let disk = SimulatedDisk()
        let log = try create(disk)
        while log.reader.statistics.segmentCount < 20 { try logs.fill(log, batches: 50) }
        let all = try log.reader.read(.all)
        disk.fail(.read, with: EIO, file: firstGroup, for: true)
        try indexAll(log.reader)
        #expect(try logs.firstDifference(log.reader, from: all, questions: 40) == nil)
        #expect(try log.reader.indexNextSegment() == false)
        disk.heal()
        try log.committer.close()
        disk.remove(firstGroup)
        let again = try open(disk)
        disk.fail(.write, with: ENOSPC, file: LogFileName.newIndex, for: true)
        try indexAll(again.reader)
        #expect(try logs.firstDifference(again.reader, from: all, questions: 40) == nil)
        #expect(!disk.fileNames.contains(firstGroup))
    }

    @Test
    func `given a reader beside the writer, when the log has grown, then a new group is found`()
        throws
    {
        var logs = IndexedLogs("SegmentGroupTests.beside")
        let disk = SimulatedDisk()
        let log = try create(disk)
        while log.reader.statistics.segmentCount < 20 { try logs.fill(log, batches: 50) }
        let counting = CountingStorage(disk)
        let beside = try LogReader.openReadOnly(storage: counting, hash: .sha256)
        let nowhere = Query.tag(Self.tag(1))
        #expect(try beside.read(nowhere).isEmpty)
        try indexAll(log.reader)
        let segments = log.reader.statistics.segmentCount
        while log.reader.statistics.segmentCount == segments { try logs.fill(log, batches: 20) }
        try beside.refresh()
        _ = counting.takeReads("")
        #expect(try beside.read(nowhere).isEmpty)
        #expect(counting.takeReads("").contains { $0.file == firstGroup })
    }

    /// The number of segments that the header of a group names.
    private static func segmentCount(_ disk: SimulatedDisk) -> UInt32? {
        guard disk.fileNames.contains(firstGroup) else { return nil }
        return disk.bytes(firstGroup).withUnsafeBytes { $0.uint32(at: 72) }
    }

    @Test
    func `given a log that grows, when every fourth segment is sealed, then the group is of all`()
        throws
    {
        var logs = IndexedLogs("SegmentGroupTests.growing")
        let disk = SimulatedDisk()
        let log = try create(disk)
        let beside = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        var counts: [UInt32] = []
        while log.reader.statistics.segmentCount < 19 {
            try logs.fill(log, batches: 8)
            try indexAll(log.reader)
            let sealed = log.reader.statistics.segmentCount - 1
            let count = Self.segmentCount(disk)
            #expect(count == (sealed < 4 ? nil : UInt32(min(sealed / 4 * 4, 16))))
            if let count, counts.last != count { counts.append(count) }
            // One that was opened as a smaller group finds another file under its name.
            try beside.refresh()
            let all = try log.reader.read(.all)
            for reader in [log.reader, beside] {
                #expect(try logs.firstDifference(reader, from: all, questions: 6) == nil)
            }
        }
        #expect(counts == [4, 8, 12, 16])
        #expect(log.reader.indexCounts.refused == 0)
    }

    @Test
    func
        `given a group of some segments, when it is damaged, then answers stay right, and it is made anew`()
        throws
    {
        var logs = IndexedLogs("SegmentGroupTests.partial")
        let disk = SimulatedDisk()
        let log = try create(disk)
        while log.reader.statistics.segmentCount < 8 { try logs.fill(log, batches: 20) }
        try indexAll(log.reader)
        let all = try log.reader.read(.all)
        try log.committer.close()
        let sound = disk.bytes(firstGroup)
        #expect(Self.segmentCount(disk) == 4)
        for byte in [72, 5_000, sound.count - 8] {
            var bytes = sound
            bytes[byte] ^= 1
            disk.set(firstGroup, bytes)
            let again = try open(disk)
            // Every line is looked at.
            for number in 0..<200 { _ = try again.reader.read(.tag(Self.tag(number))) }
            #expect(try logs.firstDifference(again.reader, from: all, questions: 20) == nil)
            try indexAll(again.reader)
            let isAnew = disk.bytes(firstGroup) == sound
            #expect(isAnew, "byte \(byte)")
            try again.committer.close()
        }
    }

    @Test
    func
        `given a reader with a smaller group, when the file is another by now, then answers stay right`()
        throws
    {
        var logs = IndexedLogs("SegmentGroupTests.replaced")
        let disk = SimulatedDisk()
        let log = try create(disk)
        while log.reader.statistics.segmentCount < 8 { try logs.fill(log, batches: 20) }
        try indexAll(log.reader)
        let beside = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        let before = try log.reader.read(.all)
        #expect(try logs.firstDifference(beside, from: before, questions: 1) == nil)
        while log.reader.statistics.segmentCount < 10 { try logs.fill(log, batches: 20) }
        try indexAll(log.reader)
        #expect(Self.segmentCount(disk) == 8)
        // It has the old file open, and blocks of it in memory, until so many others came that it is read anew.
        #expect(try logs.firstDifference(beside, from: before, questions: 20) == nil)
        #expect(beside.indexCounts.refused == 0)
        for _ in 0..<300 { _ = try beside.shelf.indexFile(named: LogFileName.index(1)).block(0) }
        let block = [UInt8](repeating: 0, count: IndexBlock.byteCount)
        for number in 0..<2_000 { beside.shelf.cache.insert(block, UInt32(number), of: .max) }
        #expect(try logs.firstDifference(beside, from: before, questions: 60) == nil)
        #expect(beside.indexCounts.refused == 1)
        try beside.refresh()
        let all = try log.reader.read(.all)
        #expect(try logs.firstDifference(beside, from: all, questions: 60) == nil)
        #expect(beside.indexCounts.refused == 1)
    }

    @Test
    func `given a group that two questions refuse, when it was replaced, then it is one refusal`()
        throws
    {
        let grouped = try GroupedLog("SegmentGroupTests.refused")
        let shelf = grouped.log.reader.shelf
        let group = try #require(shelf.groups.withLock { $0[0]?.group })
        for _ in 0..<2 { shelf.refuse(group, at: 0, 36) }
        #expect(grouped.log.reader.indexCounts.refused == 1)
        try indexAll(grouped.log.reader)
        let anew = try #require(shelf.groups.withLock { $0[0]?.group })
        #expect(anew !== group)
        // Whoever still asks the old one says nothing about the new one.
        shelf.refuse(group, at: 0, 36)
        #expect(shelf.groups.withLock { $0[0]?.group } === anew)
        #expect(grouped.log.reader.indexCounts.refused == 1)
    }

    @Test
    func `given an index with more keys than it holds or a group may, then no group is made of it`()
        throws
    {
        let identity = GroupIdentity(
            logID: testLogID, firstSegment: 1, segmentCount: 16, sealDigest: testSalt)
        let none = [SegmentIndex?](repeating: nil, count: 15)
        var made = HandMadeIndex.inline([0])
        let whole = try made.index()
        let image = try SegmentGroup.image(of: [whole] + none, identity)
        #expect(image?.count == 2 * IndexBlock.byteCount)
        made.keyCount = 2
        let lacking = try made.index()
        #expect(throws: IndexDefect.self) {
            try SegmentGroup.image(of: [lacking] + none, identity)
        }
        for keyCount in [4_000_000, .max] as [UInt64] {
            made.keyCount = keyCount
            #expect(try SegmentGroup.image(of: [made.index()] + none, identity) == nil)
        }
    }

    @Test func `given the example of INDEX.md, then its key has that line and those words`() {
        let key = TagKey(low: 1 << 63 + 5, high: 3 << 32 + 2_036)
        let lines: UInt32 = 3_000 * 10 / 2_040 + 1
        #expect(lines == 15)
        #expect(IndexFilter.blockIndex(of: key, blockCount: lines) == 7)
        #expect(
            (0..<7).map { IndexFilter.bit($0, of: key, among: 2_040) }
                == [2_036, 2_039, 2, 5, 8, 11, 14])
    }
}
