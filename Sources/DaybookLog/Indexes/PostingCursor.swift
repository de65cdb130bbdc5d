internal import DaybookCore

/// Steps through the places of one key, ascending; reads a block of a long list when it gets there.
struct PostingCursor {
    private let index: SegmentIndex
    private let list: IndexSection
    /// How many places there are altogether.
    let count: UInt64
    /// The block of the list that `places` are of.
    private var block: UInt32 = 0
    private var places: [UInt32]
    private var next = 0

    /// A list that stands in its entry.
    init(places: [UInt32], _ index: SegmentIndex) {
        self.index = index
        self.places = places
        invariant(!places.isEmpty, "PostingCursor: a key has at least one place")
        count = UInt64(places.count)
        list = IndexSection(firstBlock: 0, blockCount: 0)
    }

    /// A list in blocks of its own.
    init(list: IndexSection, count: UInt64, _ index: SegmentIndex) throws(IndexDefect) {
        guard list.blockCount > 0 else { throw IndexDefect("an empty list") }
        self.index = index
        self.list = list
        self.count = count
        places = try PostingCursor.places(index, list, 0)
    }

    /// The first place at or beyond `target`; `nil` when there is none. Targets never get smaller.
    mutating func seek(_ target: UInt32) throws(IndexDefect) -> UInt32? {
        if let last = places.last, last < target {
            guard block + 1 < list.blockCount else { return nil }
            let found = try firstBlock(endingAtOrBeyond: target)
            guard let found else {
                block = list.blockCount - 1
                places = try PostingCursor.places(index, list, block)
                return nil
            }
            invariant(
                found > block && found < list.blockCount, "PostingCursor: it goes on in its list")
            block = found
            places = try PostingCursor.places(index, list, block, reaching: target)
            next = 0
        }
        var low = next
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < target { low = middle + 1 } else { high = middle }
        }
        invariant(low >= next, "PostingCursor: targets never get smaller")
        invariant(low < places.count, "PostingCursor: the last place of the block is far enough")
        invariant(places[low] >= target, "PostingCursor: nothing before the target")
        next = low
        return places[low]
    }

    /// The block after the current one first: most steps are small.
    private func firstBlock(endingAtOrBeyond target: UInt32) throws(IndexDefect) -> UInt32? {
        invariant(block + 1 < list.blockCount, "PostingCursor: there is a block behind this one")
        var low = block + 1
        if try last(low) >= target { return low }
        low += 1
        var high = list.blockCount
        while low < high {
            let middle = low + (high - low) / 2
            if try last(middle) < target { low = middle + 1 } else { high = middle }
        }
        return low < list.blockCount ? low : nil
    }

    private func last(_ block: UInt32) throws(IndexDefect) -> UInt32 {
        try index.withBlock(list, block) { bytes throws(IndexDefect) in bytes.uint32(at: 4) }
    }

    /// - Parameter target: where the block ends, or before.
    private static func places(
        _ index: SegmentIndex, _ list: IndexSection, _ block: UInt32, reaching target: UInt32 = 0
    ) throws(IndexDefect) -> [UInt32] {
        let eventCount = index.header.identity.eventCount
        return try index.withBlock(list, block) { bytes throws(IndexDefect) in
            let first = bytes.uint32(at: 0)
            let count = Int(bytes.uint32(at: 8))
            guard count >= 1, count <= IndexBlock.contentByteCount else {
                throw IndexDefect("list length")
            }
            var places: [UInt32] = []
            places.reserveCapacity(count)
            places.append(first)
            var reader = WireReader(
                bytes.slice(
                    IndexImage.listHeadByteCount, bytes.count - IndexImage.listHeadByteCount))
            while places.count < count {
                places.append(try reader.place(after: places[places.count - 1]))
            }
            guard places[count - 1] == bytes.uint32(at: 4), places[count - 1] >= target,
                UInt64(places[count - 1]) < eventCount
            else { throw IndexDefect("list end") }
            invariant(places.count == count, "PostingCursor: all places of the block are read")
            invariant(places[0] <= places[count - 1], "PostingCursor: places ascend")
            return places
        }
    }
}

extension WireReader {
    /// A place, from its distance to the one before; `nil` before: the first.
    mutating func place(after previous: UInt32?) throws(IndexDefect) -> UInt32 {
        let gap: UInt64
        do throws(WireError) { gap = try varint() } catch { throw IndexDefect("list: \(error)") }
        let (place, overflow) = (previous.map { UInt64($0) + 1 } ?? 0)
            .addingReportingOverflow(gap)
        guard !overflow, let place = UInt32(exactly: place) else { throw IndexDefect("list gap") }
        return place
    }
}
