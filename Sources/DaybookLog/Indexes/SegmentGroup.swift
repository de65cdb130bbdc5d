internal import DaybookCore

/// Up to sixteen sealed segments that follow one another, and for each key which of them may have it.
///
/// A question about a tag that few segments hold reads one block here instead of one of each segment. Made
/// of the segments' indexes, so as derived as they are; where there is none, each segment is asked.
/// Thread-safe.
///
/// Format: Schemas/log/INDEX.md, Groups.
final class SegmentGroup: Sendable {
    private let blocks: CheckedBlocks
    private let header: GroupHeader

    var identity: GroupIdentity { header.identity }

    /// What is in a file, of which only the header is read.
    init(file: IndexFile, cache: IndexBlockCache, of identity: GroupIdentity) throws(IndexDefect) {
        blocks = CheckedBlocks(
            file: file, cache: cache, binding: IndexBlock.binding(of: identity.sealDigest))
        let block = try blocks.read(0)
        let byteCount = try file.byteCount()
        header = try block.reading { bytes throws(IndexDefect) in
            try GroupHeader(decoding: bytes, of: identity, fileByteCount: byteCount)
        }
    }

    /// How many segments a file says that it is of; nothing vouches for it yet.
    static func segmentCount(in file: IndexFile) throws(IndexDefect) -> Int {
        let block = try file.block(0)
        guard block.count == IndexBlock.byteCount else { throw IndexDefect("length") }
        return Int(block.withUnsafeBytes { $0.uint32(at: GroupHeader.segmentCountOffset) })
    }

    /// The segments that may have a key: bit 0 is that of the first one.
    ///
    /// - Complexity: one block.
    func segments(with key: TagKey) throws(IndexDefect) -> UInt16 {
        try blocks.with(1 + header.line(of: key)) { bytes throws(IndexDefect) in
            var segments = UInt16.max
            for probe in 0..<IndexFilter.probeCount {
                segments &= bytes.uint16(at: 2 * GroupHeader.word(probe, of: key))
            }
            return segments
        }
    }

    /// Asks the operating system for what a question for this key will need.
    func prefetch(_ key: TagKey) { blocks.prefetch(1 + header.line(of: key)) }
}

// MARK: - Making

extension SegmentGroup {
    /// Beyond, a group would take more memory to make than it is worth: 64 MiB, for three million keys in one
    /// of its segments.
    private static let lineLimit: UInt32 = 16_384

    /// The bytes of a group's file: the same for the same segments, whoever makes them.
    ///
    /// - Parameter indexes: of its segments; `nil`: one without events.
    /// - Returns: `nil` when a segment has so many keys that there is to be no group.
    static func image(
        of indexes: [SegmentIndex?], _ identity: GroupIdentity
    ) throws(IndexDefect) -> [UInt8]? {
        invariant(
            indexes.count == identity.segmentCount, "SegmentGroup: it is of all its segments")
        let keyCount = indexes.reduce(0) { max($0, $1?.header.keyCount ?? 0) }
        let header = GroupHeader(identity: identity, keyCount: keyCount)
        guard header.lineCount <= lineLimit else { return nil }
        var words = [UInt16](
            repeating: 0, count: Int(header.lineCount) * GroupHeader.wordsPerLine)
        for (segment, index) in indexes.enumerated() {
            try index?.forEachKey { key in
                let start = Int(header.line(of: key)) * GroupHeader.wordsPerLine
                for probe in 0..<IndexFilter.probeCount {
                    words[start + GroupHeader.word(probe, of: key)] |= 1 << UInt16(segment)
                }
            }
        }
        return image(header, words, binding: IndexBlock.binding(of: identity.sealDigest))
    }

    private static func image(_ header: GroupHeader, _ words: [UInt16], binding: UInt64) -> [UInt8]
    {
        invariant(
            words.count == Int(header.lineCount) * GroupHeader.wordsPerLine,
            "SegmentGroup: every line is full")
        var image = [UInt8](repeating: 0, count: Int(header.blockCount) * IndexBlock.byteCount)
        image.withUnsafeMutableBytes { bytes in
            for number in 0..<Int(header.blockCount) {
                let start = number * IndexBlock.byteCount
                let block = UnsafeMutableRawBufferPointer(
                    rebasing: bytes[start..<(start + IndexBlock.byteCount)])
                if number == 0 {
                    header.encode(into: block)
                } else {
                    let first = (number - 1) * GroupHeader.wordsPerLine
                    for word in 0..<GroupHeader.wordsPerLine {
                        block.store(words[first + word], at: 2 * word)
                    }
                }
                IndexBlock.finish(block, number: UInt32(number), binding: binding)
            }
        }
        return image
    }
}

// MARK: - Format

/// What a group is of: it is used for exactly that, and for nothing else.
struct GroupIdentity: Hashable, Sendable {
    var logID: LogID
    /// One of 1, 17, 33, …
    var firstSegment: UInt64
    /// 4, 8, 12, or 16: the newest group is made anew with every fourth segment.
    var segmentCount: Int
    /// Of the last segment. Each segment names the seal before it, so that this one vouches for all.
    var sealDigest: Digest

    static let largestSegmentCount = 16
    static let segmentCountStep = 4
}

/// Block 0 of a group's file, and where the bits of a key are in the others.
private struct GroupHeader: Sendable {
    let identity: GroupIdentity
    let lineCount: UInt32

    private static let magic = Array("DBKGROUP".utf8)
    private static let usedByteCount = 80
    static let segmentCountOffset = 72
    static let wordsPerLine = IndexBlock.contentByteCount / 2

    var blockCount: UInt32 { lineCount + 1 }

    /// - Parameter keyCount: of the segment with the most keys.
    init(identity: GroupIdentity, keyCount: UInt64) {
        self.identity = identity
        let bitCount = keyCount.multipliedReportingOverflow(by: UInt64(IndexFilter.bitsPerKey))
        let lines = bitCount.overflow ? .max : bitCount.partialValue / UInt64(Self.wordsPerLine)
        lineCount = UInt32(clamping: min(lines, UInt64(UInt32.max - 2)) + 1)
        invariant(lineCount > 0, "SegmentGroup: a key has a line")
    }

    /// The line that has all bits of a key.
    func line(of key: TagKey) -> UInt32 {
        IndexFilter.blockIndex(of: key, blockCount: lineCount)
    }

    static func word(_ probe: Int, of key: TagKey) -> Int {
        let word = IndexFilter.bit(probe, of: key, among: wordsPerLine)
        invariant(word < wordsPerLine, "SegmentGroup: all bits of a key are in its line")
        return word
    }

    func encode(into block: UnsafeMutableRawBufferPointer) {
        GroupHeader.magic.withUnsafeBytes { block.copy($0, at: 0) }
        block.store(UInt16(1), at: 8)
        block.store(UInt16(0), at: 10)
        block.store(UInt32(IndexBlock.byteCount), at: 12)
        block.store(identifier: identity.logID.rawValue, at: 16)
        block.store(identity.firstSegment, at: 32)
        block.store(identity.sealDigest, at: 40)
        block.store(UInt32(identity.segmentCount), at: GroupHeader.segmentCountOffset)
        block.store(lineCount, at: 76)
    }

    /// - Parameters:
    ///   - block: its checksum was checked.
    ///   - fileByteCount: how long the file is.
    /// - Throws: when it is not of `identity`, of another version, or contradicts itself.
    init(
        decoding block: UnsafeRawBufferPointer, of identity: GroupIdentity, fileByteCount: UInt64
    ) throws(IndexDefect) {
        guard block.slice(0, 8).elementsEqual(GroupHeader.magic) else {
            throw IndexDefect("not a group")
        }
        guard block.uint16(at: 8) == 1, block.uint16(at: 10) == 0,
            block.uint32(at: 12) == UInt32(IndexBlock.byteCount)
        else { throw IndexDefect("of another version") }
        let found = GroupIdentity(
            logID: LogID(rawValue: block.identifier(at: 16)), firstSegment: block.uint64(at: 32),
            segmentCount: Int(block.uint32(at: GroupHeader.segmentCountOffset)),
            sealDigest: block.digest(at: 40))
        guard found == identity else { throw IndexDefect("of other segments or another log") }
        self.identity = identity
        lineCount = block.uint32(at: 76)
        guard lineCount > 0, lineCount < .max,
            fileByteCount == UInt64(blockCount) * UInt64(IndexBlock.byteCount)
        else { throw IndexDefect("length") }
        guard
            block.slice(
                GroupHeader.usedByteCount, IndexBlock.contentByteCount - GroupHeader.usedByteCount
            ).isZero
        else { throw IndexDefect("reserved byte set") }
    }
}
