internal import DaybookCore

/// Makes the bytes of an index file: the same bytes for the same segment, whoever makes them.
///
/// Format: Schemas/log/INDEX.md.
struct IndexImage {
    private let binding: UInt64
    private var bytes: [UInt8] = [UInt8](repeating: 0, count: IndexBlock.byteCount)
    /// The content of the block that is being filled.
    private var block: [UInt8] = []

    /// Up to here the places of a key stand in its entry; beyond, in blocks of their own.
    static let inlinePlaceCount = 128
    static let framesPerBlock = IndexBlock.contentByteCount / 8
    static let keysPerDirectoryBlock = IndexBlock.contentByteCount / 8
    static let entryHeadByteCount = 18
    static let longEntryFlag: UInt16 = 0x8000
    static let listHeadByteCount = 16

    /// - Parameter postings: all of the segment.
    /// - Complexity: O(postings + *k* log *k*) for *k* tags and types.
    static func bytes(of postings: SegmentPostings, _ identity: IndexIdentity) -> [UInt8] {
        var image = IndexImage(binding: IndexBlock.binding(of: identity.sealDigest))
        image.write(postings, identity)
        invariant(
            image.bytes.count % IndexBlock.byteCount == 0, "IndexImage: it consists of whole blocks"
        )
        return image.bytes
    }

    private init(binding: UInt64) {
        self.binding = binding
        block.reserveCapacity(IndexBlock.contentByteCount)
    }

    private var nextBlock: UInt32 { UInt32(bytes.count / IndexBlock.byteCount) }

    private mutating func write(_ postings: SegmentPostings, _ identity: IndexIdentity) {
        var entryBlocks: [[UInt8]] = []
        var firstKeys: [UInt64] = []
        var filter = Filter(keyCount: postings.tags.keyCount)
        let lists = section { image in
            // The short lists go into entries, which come after the long ones.
            var entries = Entries()
            postings.tags.forEachList { key, places in
                filter.insert(key)
                invariant(!places.isEmpty, "IndexImage: a key that no event has is no key")
                if places.count > IndexImage.inlinePlaceCount {
                    let start = image.nextBlock
                    image.appendList(places)
                    entries.append(
                        key, listAt: start - 1, blockCount: image.nextBlock - start,
                        count: UInt64(places.count))
                } else {
                    entries.append(key, places: places)
                }
            }
            (entryBlocks, firstKeys) = entries.finish()
        }
        let entries = section { image in
            for content in entryBlocks { image.append(content: content) }
        }
        let directory = section { image in image.append(words: firstKeys) }
        let filterSection = section { image in
            for content in filter.blocks { image.append(content: content) }
        }
        let frames = section { image in
            image.append(
                words: postings.frames.map { UInt64($0.firstPlace) | UInt64($0.byteOffset) << 32 })
        }
        let header = IndexHeader(
            identity: identity, keyCount: UInt64(postings.tags.keyCount),
            frameCount: UInt64(postings.frames.count), lists: lists, entries: entries,
            directory: directory, filter: filterSection, frames: frames)
        invariant(
            firstKeys.count == entryBlocks.count, "IndexImage: the directory names every block")
        invariant(
            header.entries.blockCount == entryBlocks.count, "IndexImage: no block is left out")
        invariant(
            header.filter.blockCount == filter.blocks.count,
            "IndexImage: the filter is as long as it was reckoned with")
        invariant(
            header.blockCount == UInt64(nextBlock), "IndexImage: the frames end the file")
        invariant(
            filter.keyCount == postings.tags.keyCount, "IndexImage: every key has its list")
        invariant(
            postings.tags.eventCount == identity.eventCount,
            "IndexImage: it is of all events of the segment")
        let binding = binding
        bytes.withUnsafeMutableBytes { bytes in
            let block = UnsafeMutableRawBufferPointer(rebasing: bytes[..<IndexBlock.byteCount])
            header.encode(into: block)
            IndexBlock.finish(block, number: 0, binding: binding)
        }
    }

    private mutating func section(_ body: (inout IndexImage) -> Void) -> IndexSection {
        let first = nextBlock
        body(&self)
        invariant(nextBlock >= first, "IndexImage: sections lie one behind the other")
        return IndexSection(firstBlock: first, blockCount: nextBlock - first)
    }

    private mutating func append(content: [UInt8]) {
        invariant(
            content.count <= IndexBlock.contentByteCount, "IndexImage: content fits its block")
        let number = nextBlock
        let start = bytes.count
        bytes += content
        bytes += repeatElement(0, count: IndexBlock.byteCount - content.count)
        let binding = binding
        bytes.withUnsafeMutableBytes { bytes in
            IndexBlock.finish(
                UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), number: number,
                binding: binding)
        }
    }

    /// 510 words a block.
    private mutating func append(words: [UInt64]) {
        var index = 0
        repeat {
            var content: [UInt8] = []
            content.reserveCapacity(IndexBlock.contentByteCount)
            let end = min(index + IndexBlock.contentByteCount / 8, words.count)
            while index < end {
                content.append(littleEndian: words[index])
                index += 1
            }
            append(content: content)
        } while index < words.count
    }

    /// Blocks of first place, last place, count, and gaps.
    private mutating func appendList(_ places: [UInt32]) {
        var index = 0
        while index < places.count {
            let first = places[index]
            invariant(
                index == 0 || places[index - 1] < first, "IndexImage: places ascend")
            var gaps: [UInt8] = []
            var count: UInt32 = 1
            var last = first
            index += 1
            // A gap takes at most five bytes.
            while index < places.count,
                gaps.count + 5 + IndexImage.listHeadByteCount <= IndexBlock.contentByteCount
            {
                gaps.append(varint: places[index] - last - 1)
                last = places[index]
                count += 1
                index += 1
            }
            invariant(
                last >= first, "IndexImage: a block of places ends where it begins, or behind")
            invariant(
                UInt64(last) - UInt64(first) + 1 >= UInt64(count),
                "IndexImage: each place is there once")
            var content: [UInt8] = []
            content.append(littleEndian: UInt64(first) | UInt64(last) << 32)
            content.append(littleEndian: UInt64(count))
            append(content: content + gaps)
        }
    }
}

// MARK: - Parts

extension IndexImage {
    /// Packs the entries, which come in the order of their keys.
    private struct Entries: ~Copyable {
        private var blocks: [[UInt8]] = []
        private var firstKeys: [UInt64] = []
        /// The entries of the block that is being filled; their count comes in front of them.
        private var current = WireWriter(capacity: IndexBlock.contentByteCount)
        private var count: UInt16 = 0
        private var lastKey: TagKey?

        private static let countByteCount = 2

        mutating func append(_ key: TagKey, places: [UInt32]) {
            var byteCount = 0
            var next: UInt32 = 0
            for place in places {
                byteCount += WireWriter.byteCount(ofVarint: UInt64(place - next))
                next = place &+ 1
            }
            begin(key, bodyByteCount: byteCount, flag: 0)
            let end = current.byteCount + byteCount
            next = 0
            for place in places {
                current.append(varint: UInt64(place - next))
                next = place &+ 1
            }
            invariant(
                current.byteCount == end, "IndexImage: an entry is as long as it was reckoned to be"
            )
        }

        /// - Parameter listAt: counted from the first block of the section with lists.
        mutating func append(_ key: TagKey, listAt: UInt32, blockCount: UInt32, count: UInt64) {
            begin(key, bodyByteCount: 16, flag: IndexImage.longEntryFlag)
            current.append(littleEndian: UInt64(listAt) | UInt64(blockCount) << 32)
            current.append(littleEndian: count)
        }

        /// Writes what stands in front of an entry's body.
        private mutating func begin(_ key: TagKey, bodyByteCount: Int, flag: UInt16) {
            let byteCount = Entries.countByteCount + IndexImage.entryHeadByteCount + bodyByteCount
            invariant(
                byteCount <= IndexBlock.contentByteCount, "IndexImage: an entry fits a block")
            if current.byteCount + byteCount > IndexBlock.contentByteCount { close() }
            invariant(lastKey ?? key <= key, "IndexImage: entries come in the order of their keys")
            lastKey = key
            if count == 0 { firstKeys.append(key.high) }
            current.append(littleEndian: key.high)
            current.append(littleEndian: key.low)
            invariant(
                bodyByteCount < Int(IndexImage.longEntryFlag),
                "IndexImage: a length leaves room for its flag")
            let length = UInt16(bodyByteCount) | flag
            current.append(byte: UInt8(truncatingIfNeeded: length))
            current.append(byte: UInt8(truncatingIfNeeded: length >> 8))
            count += 1
        }

        private mutating func close() {
            invariant(count > 0, "IndexImage: a block holds at least one entry")
            blocks.append(
                [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
                    + current.bytes)
            current.removeAll()
            count = 0
        }

        mutating func finish() -> (blocks: [[UInt8]], firstKeys: [UInt64]) {
            if count > 0 { close() }
            return (blocks, firstKeys)
        }
    }

    private struct Filter {
        private(set) var blocks: [[UInt8]]
        private(set) var keyCount = 0

        init(keyCount: Int) {
            blocks = Array(
                repeating: [UInt8](repeating: 0, count: IndexBlock.contentByteCount),
                count: IndexFilter.blockCount(keyCount: keyCount))
        }

        mutating func insert(_ key: TagKey) {
            keyCount += 1
            let block = Int(IndexFilter.blockIndex(of: key, blockCount: UInt32(blocks.count)))
            // A span, so that whether the array is shared is asked once and not for each bit.
            var bits = blocks[block].mutableSpan
            for probe in 0..<IndexFilter.probeCount {
                let bit = IndexFilter.bit(probe, of: key)
                bits[bit >> 3] |= 1 << UInt8(bit & 7)
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: UInt64) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(varint value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
