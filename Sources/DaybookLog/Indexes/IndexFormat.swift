internal import DaybookCore

/// Why the index of a segment is not used. It is derived, so this is never damage of the log.
package struct IndexDefect: Error, CustomStringConvertible {
    package var description: String
    /// There is no file.
    var isMissing = false

    init(_ description: String) {
        self.description = description
    }
}

/// The blocks of an index file: each carries what it belongs to, its number and a checksum, so that
/// a torn, stale, foreign or misplaced block is noticed when it is read and never believed.
///
/// Format: Schemas/log/INDEX.md, Blocks.
package enum IndexBlock {
    package static let byteCount = 4096
    package static let contentByteCount = 4080
    private static let bindingOffset = 4080
    private static let numberOffset = 4088
    private static let checksumOffset = 4092

    /// Fills in the last 16 bytes.
    package static func finish(
        _ block: UnsafeMutableRawBufferPointer, number: UInt32, binding: UInt64
    ) {
        invariant(block.count == byteCount, "IndexBlock: every block has the same length")
        block.store(binding, at: bindingOffset)
        block.store(number, at: numberOffset)
        let checksum = Checksum.crc32c(UnsafeRawBufferPointer(block).slice(0, checksumOffset))
        block.store(checksum, at: checksumOffset)
    }

    /// - Throws: when the block is not the one that is wanted, byte for byte.
    package static func check(_ block: UnsafeRawBufferPointer, number: UInt32, binding: UInt64)
        throws(IndexDefect)
    {
        guard block.count == byteCount else { throw IndexDefect("block \(number) is cut") }
        guard Checksum.crc32c(block.slice(0, checksumOffset)) == block.uint32(at: checksumOffset)
        else { throw IndexDefect("block \(number): checksum") }
        guard block.uint64(at: bindingOffset) == binding else {
            throw IndexDefect("block \(number) is of another segment")
        }
        guard block.uint32(at: numberOffset) == number else {
            throw IndexDefect("block \(number) is block \(block.uint32(at: numberOffset))")
        }
    }

    /// What all blocks of a segment's index carry.
    static func binding(of sealDigest: Digest) -> UInt64 {
        sealDigest.withUnsafeBytes { $0.uint64(at: 0) }
    }
}

/// A run of blocks.
struct IndexSection: Hashable, Sendable {
    var firstBlock: UInt32
    var blockCount: UInt32

    var endBlock: UInt64 { UInt64(firstBlock) + UInt64(blockCount) }
}

/// What an index is of: it is used for exactly that, and for nothing else.
struct IndexIdentity: Hashable, Sendable {
    var logID: LogID
    var segment: UInt64
    var sealDigest: Digest
    var firstPosition: LogPosition
    var eventCount: UInt64
}

/// Block 0 of an index file.
///
/// Format: Schemas/log/INDEX.md, Header.
struct IndexHeader: Hashable, Sendable {
    var identity: IndexIdentity
    var keyCount: UInt64
    var frameCount: UInt64
    var lists: IndexSection
    var entries: IndexSection
    var directory: IndexSection
    var filter: IndexSection
    var frames: IndexSection

    fileprivate static let magic = Array("DBKINDEX".utf8)
    fileprivate static let usedByteCount = 160
    fileprivate static let sectionOffset = 112

    var blockCount: UInt64 { frames.endBlock }

    fileprivate var sections: [IndexSection] { [lists, entries, directory, filter, frames] }

    func encode(into block: UnsafeMutableRawBufferPointer) {
        invariant(lists.firstBlock == 1, "IndexHeader: the lists stand behind the header")
        invariant(
            UInt64(entries.firstBlock) == lists.endBlock
                && UInt64(directory.firstBlock) == entries.endBlock
                && UInt64(filter.firstBlock) == directory.endBlock
                && UInt64(frames.firstBlock) == filter.endBlock,
            "IndexHeader: sections lie one behind the other")
        invariant(
            frameCount <= UInt64(frames.blockCount) * UInt64(IndexImage.framesPerBlock),
            "IndexHeader: there is room for every frame")
        invariant(frameCount <= identity.eventCount, "IndexHeader: a frame has at least one event")
        IndexHeader.magic.withUnsafeBytes { block.copy($0, at: 0) }
        block.store(UInt16(1), at: 8)
        block.store(UInt16(1), at: 10)
        block.store(UInt32(IndexBlock.byteCount), at: 12)
        block.store(identifier: identity.logID.rawValue, at: 16)
        block.store(identity.segment, at: 32)
        block.store(identity.sealDigest, at: 40)
        block.store(identity.firstPosition.rawValue, at: 72)
        block.store(identity.eventCount, at: 80)
        block.store(keyCount, at: 88)
        block.store(frameCount, at: 96)
        block.store(blockCount, at: 104)
        for (index, section) in sections.enumerated() {
            block.store(section.firstBlock, at: IndexHeader.sectionOffset + index * 8)
            block.store(section.blockCount, at: IndexHeader.sectionOffset + index * 8 + 4)
        }
    }

}

extension IndexHeader {
    /// - Parameters:
    ///   - block: its checksum was checked.
    ///   - fileByteCount: how long the file is.
    /// - Throws: when it is not of `identity`, of another version, or contradicts itself.
    init(
        decoding block: UnsafeRawBufferPointer, of identity: IndexIdentity, fileByteCount: UInt64
    ) throws(IndexDefect) {
        guard block.slice(0, 8).elementsEqual(IndexHeader.magic) else {
            throw IndexDefect("not an index")
        }
        guard block.uint16(at: 8) == 1, block.uint16(at: 10) == 1 else {
            throw IndexDefect("of version \(block.uint16(at: 8)).\(block.uint16(at: 10))")
        }
        guard block.uint32(at: 12) == UInt32(IndexBlock.byteCount) else {
            throw IndexDefect("block length")
        }
        let found = IndexIdentity(
            logID: LogID(rawValue: block.identifier(at: 16)), segment: block.uint64(at: 32),
            sealDigest: block.digest(at: 40),
            firstPosition: LogPosition(rawValue: block.uint64(at: 72)),
            eventCount: block.uint64(at: 80))
        guard found == identity else { throw IndexDefect("of another segment or log") }
        func section(_ index: Int) -> IndexSection {
            let offset = IndexHeader.sectionOffset + index * 8
            return IndexSection(
                firstBlock: block.uint32(at: offset), blockCount: block.uint32(at: offset + 4))
        }
        self.identity = identity
        keyCount = block.uint64(at: 88)
        frameCount = block.uint64(at: 96)
        lists = section(0)
        entries = section(1)
        directory = section(2)
        filter = section(3)
        frames = section(4)
        var end: UInt64 = 1
        for section in sections {
            guard UInt64(section.firstBlock) == end else { throw IndexDefect("sections") }
            end = section.endBlock
        }
        // Blocks are numbered by 32 bits.
        guard end <= UInt64(UInt32.max), end == block.uint64(at: 104),
            fileByteCount == end * UInt64(IndexBlock.byteCount)
        else { throw IndexDefect("length") }
        guard frameCount <= UInt64(frames.blockCount) * UInt64(IndexImage.framesPerBlock) else {
            throw IndexDefect("frame count")
        }
        guard entries.blockCount > 0, directory.blockCount > 0, filter.blockCount > 0,
            frames.blockCount > 0
        else { throw IndexDefect("an empty section") }
        guard
            block.slice(
                IndexHeader.usedByteCount, IndexBlock.contentByteCount - IndexHeader.usedByteCount
            ).isZero, block.slice(152, 8).isZero
        else { throw IndexDefect("reserved byte set") }
    }
}

/// The filter's bits of a key: one block, a few bits in it.
///
/// About one key in 120 that is not there seems to be.
enum IndexFilter {
    static let bitsPerKey = 10
    static let probeCount = 7
    static let bitsPerBlock = IndexBlock.contentByteCount * 8

    static func blockCount(keyCount: Int) -> Int {
        max(1, (keyCount * bitsPerKey + bitsPerBlock - 1) / bitsPerBlock)
    }

    /// Which of the filter's blocks has the bits of a key.
    static func blockIndex(of key: TagKey, blockCount: UInt32) -> UInt32 {
        let index = UInt32(key.low.multipliedFullWidth(by: UInt64(blockCount)).high)
        invariant(index < blockCount, "IndexFilter: every key has a block")
        return index
    }

    /// - Parameter count: of the bits that a key's are among.
    static func bit(_ probe: Int, of key: TagKey, among count: Int = bitsPerBlock) -> Int {
        let step = key.high >> 32 | 1
        return Int(((key.high & 0xFFFF_FFFF) &+ UInt64(probe) &* step) % UInt64(count))
    }

    static func mayHold(_ key: TagKey, _ block: UnsafeRawBufferPointer) -> Bool {
        for probe in 0..<probeCount {
            let bit = bit(probe, of: key)
            guard block[bit >> 3] & (1 << UInt8(bit & 7)) != 0 else { return false }
        }
        return true
    }
}
