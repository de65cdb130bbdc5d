internal import DaybookCore

/// What an item asks of an index: its tags and types as keys.
struct IndexItem: Sendable {
    var tags: [TagKey]
    var types: [TagKey]

    init(_ item: QueryItem, secret: TagKey.Secret) {
        tags = item.tags.map { TagKey($0, secret: secret) }
        types = item.types.map { TagKey($0, secret: secret) }
    }

    /// The key whose absence answers soonest.
    var first: TagKey? { tags.first ?? (types.count == 1 ? types[0] : nil) }
}

extension SegmentIndex {
    /// The first position from `first` through `last` that any of the items means.
    func firstMatch(_ items: [IndexItem], from first: LogPosition, through last: LogPosition)
        throws(IndexDefect) -> LogPosition?
    {
        var found: LogPosition?
        for item in items {
            try visit(item, from: first, through: found ?? last) { position in
                found = min(found ?? position, position)
                return false
            }
        }
        invariant(found ?? first >= first, "SegmentIndex: nothing before the range matches")
        invariant(found ?? last <= last, "SegmentIndex: nothing behind the range matches")
        return found
    }

    /// The positions from `first` through `last` that any of the items means, ascending.
    ///
    /// - Parameter limit: of each item the first so many are enough.
    func matches(
        _ items: [IndexItem], from first: LogPosition, through last: LogPosition, limit: Int
    ) throws(IndexDefect) -> [UInt64] {
        var found: [UInt64] = []
        for item in items {
            var count = 0
            try visit(item, from: first, through: last) { position in
                found.append(position.rawValue)
                count += 1
                return count < limit
            }
        }
        let matches = items.count > 1 ? found.sortedOnce() : found
        invariant(
            matches.first ?? first.rawValue >= first.rawValue,
            "SegmentIndex: matches begin in the range")
        invariant(
            matches.last ?? last.rawValue <= last.rawValue, "SegmentIndex: matches end in the range"
        )
        return matches
    }

    /// Visits the matches of one item, ascending, until `body` has enough.
    private func visit(
        _ item: IndexItem, from first: LogPosition, through last: LogPosition,
        _ body: (LogPosition) -> Bool
    ) throws(IndexDefect) {
        let base = header.identity.firstPosition.rawValue
        invariant(header.identity.eventCount > 0, "SegmentIndex: a segment without events has none")
        invariant(first <= last, "SegmentIndex: a range has a first and a last position")
        invariant(last.rawValue >= base, "SegmentIndex: segments behind the range are not asked")
        let last = min(last.rawValue - base, header.identity.eventCount - 1)
        // Places have 32 bits: a segment of more events has no index that names them.
        let end = UInt32(clamping: last)
        invariant(
            UInt64(end) < header.identity.eventCount, "SegmentIndex: a range ends in the segment")
        guard var target = UInt32(exactly: max(first.rawValue, base) - base) else { return }
        var tags: [PostingCursor] = []
        for key in item.tags {
            guard let cursor = try cursor(key) else { return }
            tags.append(cursor)
        }
        // The rarest leads: it takes the longest steps.
        tags.sort { $0.count < $1.count }
        var types: [PostingCursor] = []
        for key in item.types {
            if let cursor = try cursor(key) { types.append(cursor) }
        }
        guard item.types.isEmpty || !types.isEmpty else { return }
        while target <= end {
            guard let common = try seek(target, &tags) else { return }
            invariant(common >= target, "SegmentIndex: tags are sought forward")
            guard let typed = try seekAny(common, &types) else { return }
            invariant(typed >= common, "SegmentIndex: types are sought forward")
            if typed > common, !tags.isEmpty {
                target = typed
                continue
            }
            guard typed <= end else { return }
            guard body(LogPosition(rawValue: base + UInt64(typed))), typed < end else { return }
            target = typed + 1
        }
    }

    /// The first place at or beyond `target` that all cursors have.
    private func seek(_ target: UInt32, _ cursors: inout [PostingCursor]) throws(IndexDefect)
        -> UInt32?
    {
        var target = target
        var index = 0
        while index < cursors.count {
            guard let place = try cursors[index].seek(target) else { return nil }
            if place == target {
                index += 1
            } else {
                target = place
                // Behind the leader everyone is asked again.
                index = index == 0 ? 1 : 0
            }
        }
        return target
    }

    /// The first place at or beyond `target` that any cursor has; `target` when there is none.
    private func seekAny(_ target: UInt32, _ cursors: inout [PostingCursor]) throws(IndexDefect)
        -> UInt32?
    {
        guard !cursors.isEmpty else { return target }
        var first: UInt32?
        for index in cursors.indices {
            guard let place = try cursors[index].seek(target) else { continue }
            first = min(first ?? place, place)
        }
        return first
    }
}

// MARK: - Keys

extension SegmentIndex {
    /// The places of a key; `nil` when no event of the segment has it.
    ///
    /// - Complexity: one block when it is not there, mostly three when it is.
    func cursor(_ key: TagKey) throws(IndexDefect) -> PostingCursor? {
        let filterBlock = IndexFilter.blockIndex(of: key, blockCount: header.filter.blockCount)
        let mayBeThere = try withBlock(header.filter, filterBlock) { bytes throws(IndexDefect) in
            IndexFilter.mayHold(key, bytes)
        }
        guard mayBeThere, var block = try entryBlock(of: key) else { return nil }
        var lookup = try entry(key, in: block)
        // Keys that share their first half may begin in the block before.
        while case .before = lookup, block > 0 {
            block -= 1
            lookup = try entry(key, in: block)
        }
        guard case .found(let entry) = lookup else { return nil }
        return try cursor(entry)
    }

    private enum Entry {
        case places([UInt32])
        case list(IndexSection, count: UInt64)
    }

    private enum Lookup {
        case found(Entry)
        case notHere
        /// The block begins beyond the key.
        case before
    }

    private func cursor(_ entry: Entry) throws(IndexDefect) -> PostingCursor {
        switch entry {
        case .places(let places): return PostingCursor(places: places, self)
        case .list(let list, let count): return try PostingCursor(list: list, count: count, self)
        }
    }

    /// The last block of entries that begins at or before the key.
    private func entryBlock(of key: TagKey) throws(IndexDefect) -> UInt32? {
        let perBlock = UInt32(IndexImage.keysPerDirectoryBlock)
        let total = header.entries.blockCount
        guard UInt64(header.directory.blockCount) * UInt64(perBlock) >= UInt64(total) else {
            throw IndexDefect("directory too short")
        }
        let guess = UInt32(
            key.high.multipliedFullWidth(by: UInt64(header.directory.blockCount)).high)
        let directoryBlock = try lastBlock(header.directory, guess: guess) {
            bytes throws(IndexDefect) in bytes.uint64(at: 0) <= key.high
        }
        guard let directoryBlock else { return nil }
        let first = UInt64(directoryBlock) * UInt64(perBlock)
        guard first < UInt64(total) else { throw IndexDefect("directory") }
        let count = min(UInt64(perBlock), UInt64(total) - first)
        return try withBlock(header.directory, directoryBlock) { bytes throws(IndexDefect) in
            // The first one is at or before the key: that is why it is this block.
            let known = max(bytes.count(of: Int(count), width: 8) { $0 <= key.high }, 1)
            invariant(known <= count, "SegmentIndex: the directory has an entry for each block")
            return UInt32(first) + UInt32(known - 1)
        }
    }

    private func entry(_ key: TagKey, in block: UInt32) throws(IndexDefect) -> Lookup {
        let lists = header.lists
        let eventCount = header.identity.eventCount
        return try withBlock(header.entries, block) { bytes throws(IndexDefect) in
            var entries = StoredEntries(bytes)
            var isFirst = true
            while let entry = try entries.next() {
                if entry.key < key {
                    isFirst = false
                    continue
                }
                guard entry.key == key else { return isFirst ? .before : .notHere }
                if entry.isLong {
                    return .found(try SegmentIndex.longEntry(entry.body, in: lists))
                }
                return .found(.places(try SegmentIndex.places(entry.body, eventCount: eventCount)))
            }
            return .notHere
        }
    }

    /// Visits every key of the segment, ascending.
    func forEachKey(_ body: (TagKey) -> Void) throws(IndexDefect) {
        var count: UInt64 = 0
        for block in 0..<header.entries.blockCount {
            try withBlock(header.entries, block, isKept: false) { bytes throws(IndexDefect) in
                var entries = StoredEntries(bytes)
                while let entry = try entries.next() {
                    body(entry.key)
                    count += 1
                }
            }
        }
        guard count == header.keyCount else { throw IndexDefect("number of keys") }
    }

    private static func longEntry(_ body: UnsafeRawBufferPointer, in lists: IndexSection)
        throws(IndexDefect) -> Entry
    {
        guard body.count == 16 else { throw IndexDefect("entry of a list") }
        let start = body.uint32(at: 0)
        let count = body.uint32(at: 4)
        guard UInt64(start) + UInt64(count) <= UInt64(lists.blockCount) else {
            throw IndexDefect("list beyond its section")
        }
        return .list(
            IndexSection(firstBlock: lists.firstBlock + start, blockCount: count),
            count: body.uint64(at: 8))
    }

    private static func places(_ body: UnsafeRawBufferPointer, eventCount: UInt64)
        throws(IndexDefect) -> [UInt32]
    {
        var places: [UInt32] = []
        var reader = WireReader(body)
        while !reader.isAtEnd { places.append(try reader.place(after: places.last)) }
        guard let last = places.last, UInt64(last) < eventCount else { throw IndexDefect("entry") }
        return places
    }
}

/// Steps through the entries of a block.
///
/// Format: Schemas/log/INDEX.md, Entries.
private struct StoredEntries {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 2
    private var remaining: Int

    struct Entry {
        var key: TagKey
        /// Whether it names a list.
        var isLong: Bool
        var body: UnsafeRawBufferPointer
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        invariant(
            bytes.count == IndexBlock.contentByteCount, "SegmentIndex: entries lie in the content")
        self.bytes = bytes
        remaining = Int(bytes.uint16(at: 0))
    }

    /// - Returns: `nil` behind the last one.
    mutating func next() throws(IndexDefect) -> Entry? {
        guard remaining > 0 else { return nil }
        guard offset + IndexImage.entryHeadByteCount <= bytes.count else {
            throw IndexDefect("entry beyond its block")
        }
        let key = TagKey(low: bytes.uint64(at: offset + 8), high: bytes.uint64(at: offset))
        let length = bytes.uint16(at: offset + 16)
        let byteCount = Int(length & ~IndexImage.longEntryFlag)
        let start = offset + IndexImage.entryHeadByteCount
        guard start + byteCount <= bytes.count else { throw IndexDefect("entry length") }
        offset = start + byteCount
        remaining -= 1
        invariant(offset <= bytes.count, "SegmentIndex: an entry ends inside of its block")
        return Entry(
            key: key, isLong: length & IndexImage.longEntryFlag != 0,
            body: bytes.slice(start, byteCount))
    }
}

// MARK: - Frames

extension SegmentIndex {
    /// The frame that holds a position of the segment.
    func frame(holding position: LogPosition) throws(IndexDefect) -> FramePlace {
        let identity = header.identity
        let perBlock = UInt64(IndexImage.framesPerBlock)
        guard position >= identity.firstPosition,
            position.rawValue - identity.firstPosition.rawValue < identity.eventCount,
            UInt64(header.frames.blockCount)
                == max(1, (header.frameCount + perBlock - 1) / perBlock)
        else { throw IndexDefect("frames") }
        let place = UInt32(position.rawValue - identity.firstPosition.rawValue)
        let guess = UInt64(place) * UInt64(header.frames.blockCount) / identity.eventCount
        invariant(
            guess < UInt64(header.frames.blockCount),
            "SegmentIndex: places are spread over the blocks")
        let block = try lastBlock(header.frames, guess: UInt32(guess)) {
            bytes throws(IndexDefect) in bytes.uint32(at: 0) <= place
        }
        guard let block else { throw IndexDefect("frames begin late") }
        invariant(
            header.frameCount >= UInt64(block) * perBlock,
            "SegmentIndex: no block is beyond the frames")
        let count = min(perBlock, header.frameCount - UInt64(block) * perBlock)
        return try withBlock(header.frames, block) { bytes throws(IndexDefect) in
            let known = bytes.count(of: Int(count), width: 8) {
                UInt32(truncatingIfNeeded: $0) <= place
            }
            guard known > 0 else { throw IndexDefect("frames") }
            let found = known - 1
            let start = UInt64(bytes.uint32(at: found * 8 + 4))
            guard known < Int(count) else { return FramePlace(byteOffset: start) }
            let next = UInt64(bytes.uint32(at: known * 8 + 4))
            guard next > start else { throw IndexDefect("frames out of sequence") }
            return FramePlace(byteOffset: start, byteCount: next - start)
        }
    }

    /// The last block of a section for which `isAtOrBefore` holds; it holds for a prefix.
    ///
    /// Keys and places are spread evenly, so the guess is mostly right or next to it.
    private func lastBlock(
        _ section: IndexSection, guess: UInt32,
        where isAtOrBefore: (UnsafeRawBufferPointer) throws(IndexDefect) -> Bool
    ) throws(IndexDefect) -> UInt32? {
        var low: UInt32 = 0
        var high = section.blockCount
        var probe = min(guess, section.blockCount - 1)
        var step: UInt32 = 1
        var isGalloping = true
        while low < high {
            invariant(probe >= low && probe < high, "SegmentIndex: each look leaves out a block")
            let isBefore = try withBlock(section, probe, isAtOrBefore)
            if isBefore { low = probe + 1 } else { high = probe }
            if isGalloping, high - low > step {
                probe = isBefore ? low + step - 1 : high - step
                // So much at most is left, which is why it cannot overflow.
                step = min(step, section.blockCount / 2) * 2
            } else {
                isGalloping = false
                probe = low + (high - low) / 2
            }
        }
        invariant(low == high, "SegmentIndex: the search ends in one place")
        invariant(low <= section.blockCount, "SegmentIndex: it ends in its section")
        return low == 0 ? nil : low - 1
    }
}

extension UnsafeRawBufferPointer {
    /// For how many of the first words `isAtOrBefore` holds; it holds for a prefix.
    fileprivate func count(of most: Int, width: Int, _ isAtOrBefore: (UInt64) -> Bool) -> Int {
        invariant(most * width <= count, "SegmentIndex: the words are in the block")
        var low = 0
        var high = most
        while low < high {
            let middle = (low + high) / 2
            if isAtOrBefore(uint64(at: middle * width)) { low = middle + 1 } else { high = middle }
        }
        invariant(low <= most, "SegmentIndex: no word behind the last one is counted")
        return low
    }
}
