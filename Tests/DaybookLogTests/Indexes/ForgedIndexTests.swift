import DaybookCore
import Testing

@testable import DaybookLog

/// Indexes whose checksums are right and whose content is not: made anew, never believed, never a trap.
@Suite struct `Forged indexes` {
    private let disk = SimulatedDisk()
    private let index = LogFileName.index(1)
    /// Of the first segment's long list and short ones.
    private let queries: [Query] = [
        .any([QueryItem(types: ["A"], tags: [])]),
        .any([QueryItem(types: [], tags: [IndexedLogs.tag(0)])]),
        .any([QueryItem(types: ["B"], tags: [IndexedLogs.tag(1)])]),
        .any([QueryItem(types: [], tags: [IndexedLogs.tag(0), IndexedLogs.tag(1)])]),
    ]

    /// A log of several segments with their indexes, closed.
    private func fill() throws -> [RecordedEvent] {
        var logs = IndexedLogs("ForgedIndexTests")
        var options = smallOptions()
        options.firstSegmentByteCount = 128 << 10
        options.segmentByteCount = 128 << 10
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        try logs.fill(log, batches: 1_500)
        try indexAll(log.reader)
        let all = try log.reader.read(.all)
        try log.committer.close()
        return all
    }

    private func open() throws -> OpenedLog {
        try LogDirectory.open(
            storage: disk.killed(), options: smallOptions(), hash: .sha256, clock: TestClock().read)
    }

    private func digest(ofSeal number: UInt64) throws -> DaybookCore.Digest {
        let segment = try SegmentFile.open(
            number, in: disk, forWriting: false, provesLog: true, hash: .sha256)
        return try #require(segment.sealed?.digest)
    }

    /// Changes a block of the first segment's index and puts its checksum right.
    private func forge(
        block: Int, _ original: [UInt8], _ change: (inout [UInt8]) -> Void
    ) throws {
        var bytes = original
        let start = block * IndexBlock.byteCount
        var content = Array(bytes[start..<(start + IndexBlock.byteCount)])
        change(&content)
        let binding = IndexBlock.binding(of: try digest(ofSeal: 1))
        content.withUnsafeMutableBytes {
            IndexBlock.finish($0, number: UInt32(block), binding: binding)
        }
        bytes.replaceSubrange(start..<(start + IndexBlock.byteCount), with: content)
        disk.set(index, bytes)
    }

    private func answersAreThose(of all: [RecordedEvent], _ what: String) throws {
        let reader = try open().reader
        for query in queries {
            let expected = all.filter { query.matches(type: $0.type, tags: $0.tags) }
            #expect(try reader.read(query) == expected, "\(what): \(query)")
            #expect(
                try reader.read(query, direction: .backwards, limit: 3)
                    == Array(expected.reversed().prefix(3)), "\(what): \(query)")
        }
    }

    @Test
    func
        `given a header that contradicts itself, when asked, then the answers are those of a scan`()
        throws
    {
        let all = try fill()
        let original = disk.bytes(index)
        // Magic, versions, block length, log, segment, keys, frames, blocks, each section, reserved.
        for offset in [
            0, 8, 10, 12, 16, 32, 40, 72, 80, 96, 104, 112, 116, 120, 124, 128, 132, 136, 140, 144,
            148, 155, 170,
        ] {
            try forge(block: 0, original) { $0[offset] ^= 0x41 }
            try answersAreThose(of: all, "header byte \(offset)")
        }
        // Too many frames for their blocks.
        try forge(block: 0, original) { $0.put(UInt64(1) << 40, at: 96) }
        try answersAreThose(of: all, "frame count")
        // Sections that follow one another, one of them empty.
        try forge(block: 0, original) { content in
            let start = content.withUnsafeBytes { $0.uint32(at: 128) }
            let count = content.withUnsafeBytes { $0.uint32(at: 132) }
            let next = content.withUnsafeBytes { $0.uint32(at: 140) }
            content.put(UInt32(0), at: 132)
            content.put(start, at: 136)
            content.put(next + count, at: 140)
        }
        try answersAreThose(of: all, "an empty section")
    }

    /// No block is believed: each word of each is set to nothing and to everything.
    @Test
    func
        `given any word of any block set to 0 or all ones, when asked, then nothing wrong is told`()
        throws
    {
        let all = try fill()
        let original = disk.bytes(index)
        let blockCount = original.count / IndexBlock.byteCount
        #expect(blockCount >= 6)
        for block in 1..<blockCount {
            for offset in [0, 2, 4, 8, 10, 12, 16, 18, 20, 26, 28, 36, 200, 2000] {
                for value in [UInt16(0), .max] {
                    try forge(block: block, original) { $0.put(value, at: offset) }
                    let reader = try open().reader
                    for query in queries {
                        let found = try reader.read(query)
                        // An index only names candidates: what is read is always checked, so a forged one
                        // may hide events, which its checksum is there to prevent, and never invents any.
                        let expected = all.filter { query.matches(type: $0.type, tags: $0.tags) }
                        #expect(
                            Set(found.map(\.position)).isSubset(of: expected.map(\.position)),
                            "block \(block), offset \(offset)")
                    }
                }
            }
        }
    }
}
