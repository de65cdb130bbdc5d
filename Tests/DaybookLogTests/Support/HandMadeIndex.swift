import DaybookCore

@testable import DaybookLog

/// An index whose blocks are made by hand: what no writer writes, with everything around it right.
struct HandMadeIndex {
    var lists: [[UInt8]] = []
    var entries: [[UInt8]] = [[]]
    /// The words of each block; the first keys of the blocks with entries.
    var directory: [[UInt64]] = [[0]]
    /// One that says of every key that it may be there.
    var filter = [[UInt8](repeating: 0xFF, count: IndexBlock.contentByteCount)]
    var frames: [[UInt64]] = [[0]]
    var frameCount: UInt64 = 1
    var keyCount: UInt64 = 1
    var eventCount: UInt64 = 1_000

    /// The first position of its segment.
    static let base: UInt64 = 101
    static let key = TagKey(low: 7, high: 9)

    private var identity: IndexIdentity {
        IndexIdentity(
            logID: testLogID, segment: 1, sealDigest: testSalt,
            firstPosition: LogPosition(rawValue: HandMadeIndex.base), eventCount: eventCount)
    }

    /// - Throws: `IndexDefect` when the header contradicts itself.
    func index() throws -> SegmentIndex {
        var blocks: [[UInt8]] = [[]]
        func section(_ content: [[UInt8]]) -> IndexSection {
            defer { blocks += content }
            return IndexSection(
                firstBlock: UInt32(blocks.count), blockCount: UInt32(content.count))
        }
        let header = IndexHeader(
            identity: identity, keyCount: keyCount, frameCount: frameCount, lists: section(lists),
            entries: section(entries), directory: section(directory.map(Self.bytes)),
            filter: section(filter), frames: section(frames.map(Self.bytes)))
        var image: [UInt8] = []
        for content in blocks {
            image += content + [UInt8](repeating: 0, count: IndexBlock.byteCount - content.count)
        }
        image.withUnsafeMutableBytes { image in
            let block = UnsafeMutableRawBufferPointer(rebasing: image[..<IndexBlock.byteCount])
            header.encode(into: block)
            IndexBlock.finish(block, number: 0, binding: IndexBlock.binding(of: testSalt))
        }
        return try SegmentIndex(image: image, of: identity)
    }

    static func bytes(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    /// A block of entries.
    static func block(_ entries: (key: TagKey, body: [UInt8], isLong: Bool)...) -> [UInt8] {
        var block: [UInt8] = [UInt8(entries.count), 0]
        for entry in entries {
            block += bytes([entry.key.high, entry.key.low])
            block += [UInt8(entry.body.count), entry.isLong ? 0x80 : 0] + entry.body
        }
        return block
    }

    /// With one entry, whose places stand in it.
    static func inline(_ body: [UInt8]) -> HandMadeIndex {
        HandMadeIndex(entries: [block((key, body, false))])
    }

    /// With one entry, whose places stand in blocks of their own.
    static func long(_ lists: [[UInt8]], start: UInt32 = 0, count: UInt32? = nil) -> HandMadeIndex {
        let place = UInt64(start) | UInt64(count ?? UInt32(lists.count)) << 32
        return HandMadeIndex(lists: lists, entries: [block((key, bytes([place, 99]), true))])
    }

    /// A block of a list.
    static func list(first: UInt32, last: UInt32, count: UInt64, gaps: [UInt8]) -> [UInt8] {
        bytes([UInt64(first) | UInt64(last) << 32, count]) + gaps
    }
}
