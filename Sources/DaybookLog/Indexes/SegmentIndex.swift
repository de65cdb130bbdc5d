internal import DaybookCore
internal import Synchronization

/// The index of a sealed segment: in its file, or in memory where it cannot be written.
///
/// Nothing is loaded: every question reads the few blocks that it needs, through a cache that all
/// segments share. Thread-safe.
///
/// Format: Schemas/log/INDEX.md.
final class SegmentIndex: Sendable {
    let header: IndexHeader
    private let source: Source

    private enum Source: Sendable {
        case image([UInt8])
        case file(CheckedBlocks)
    }

    /// An index in memory.
    init(image: [UInt8], of identity: IndexIdentity) throws(IndexDefect) {
        source = .image(image)
        header = try SegmentIndex.header(
            Array(image.prefix(IndexBlock.byteCount)), of: identity,
            fileByteCount: UInt64(image.count))
    }

    /// An index in a file, of which only the header is read.
    init(file: IndexFile, cache: IndexBlockCache, of identity: IndexIdentity) throws(IndexDefect) {
        source = .file(
            CheckedBlocks(
                file: file, cache: cache, binding: IndexBlock.binding(of: identity.sealDigest)))
        header = try SegmentIndex.header(
            file.block(0), of: identity, fileByteCount: file.byteCount())
    }

    private static func header(
        _ block: [UInt8], of identity: IndexIdentity, fileByteCount: UInt64
    ) throws(IndexDefect) -> IndexHeader {
        try block.reading { bytes throws(IndexDefect) in
            try IndexBlock.check(
                bytes, number: 0, binding: IndexBlock.binding(of: identity.sealDigest))
            return try IndexHeader(decoding: bytes, of: identity, fileByteCount: fileByteCount)
        }
    }

    /// The content of a block, checked.
    ///
    /// - Parameter isKept: `false` when nobody will ask for the block again soon.
    func withBlock<Result>(
        _ section: IndexSection, _ index: UInt32, isKept: Bool = true,
        _ body: (UnsafeRawBufferPointer) throws(IndexDefect) -> Result
    ) throws(IndexDefect) -> Result {
        invariant(index < section.blockCount, "SegmentIndex: a block of a section lies in it")
        let number = section.firstBlock + index
        invariant(
            UInt64(number) < header.blockCount, "SegmentIndex: a section's blocks lie in the file")
        switch source {
        case .image(let image):
            let start = Int(number) * IndexBlock.byteCount
            invariant(
                start + IndexBlock.byteCount <= image.count,
                "SegmentIndex: sections lie in the file")
            return try image.reading { bytes throws(IndexDefect) in
                try body(bytes.slice(start, IndexBlock.contentByteCount))
            }
        case .file(let blocks): return try blocks.with(number, isKept: isKept, body)
        }
    }

    /// Asks the operating system to read what a question for this key will need first.
    func prefetch(_ key: TagKey) {
        guard case .file(let blocks) = source else { return }
        let number =
            header.filter.firstBlock
            + IndexFilter.blockIndex(of: key, blockCount: header.filter.blockCount)
        invariant(UInt64(number) < header.blockCount, "SegmentIndex: the filter lies in the file")
        blocks.prefetch(number)
    }

    /// Checks every block.
    func checkAll() throws(IndexDefect) {
        guard case .file(let blocks) = source else { return }
        try blocks.checkAll(count: UInt32(header.blockCount))
    }
}

extension [UInt8] {
    /// The bytes in place; `withUnsafeBytes` has no typed throws for closures that throw.
    func reading<Result>(_ body: (UnsafeRawBufferPointer) throws(IndexDefect) -> Result)
        throws(IndexDefect) -> Result
    {
        let result = withUnsafeBytes { bytes -> Swift.Result<Result, IndexDefect> in
            do throws(IndexDefect) { return .success(try body(bytes)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

// MARK: - Files and blocks

/// The blocks of one file of `index/`, checked when they are read, through the cache that all files share.
struct CheckedBlocks: Sendable {
    let file: IndexFile
    let cache: IndexBlockCache
    /// What every block of the file carries.
    let binding: UInt64

    /// The content of a block.
    ///
    /// - Parameter isKept: `false` when nobody will ask for the block again soon.
    func with<Result>(
        _ number: UInt32, isKept: Bool = true,
        _ body: (UnsafeRawBufferPointer) throws(IndexDefect) -> Result
    ) throws(IndexDefect) -> Result {
        let block: [UInt8]
        if let cached = cache.block(number, of: file.identifier) {
            block = cached
        } else {
            block = try read(number)
            if isKept { cache.insert(block, number, of: file.identifier) }
        }
        return try block.reading { bytes throws(IndexDefect) in
            try body(bytes.slice(0, IndexBlock.contentByteCount))
        }
    }

    /// Reads a block past the cache. What looks wrong is read a second time before it is called so.
    func read(_ number: UInt32) throws(IndexDefect) -> [UInt8] {
        let binding = binding
        var defect = IndexDefect("unread")
        for _ in 0..<2 {
            do throws(IndexDefect) {
                let block = try file.block(number)
                try block.reading { bytes throws(IndexDefect) in
                    try IndexBlock.check(bytes, number: number, binding: binding)
                }
                return block
            } catch {
                defect = error
            }
        }
        throw defect
    }

    /// Checks as many blocks from the first on, sixteen with one read.
    func checkAll(count: UInt32) throws(IndexDefect) {
        for first in stride(from: 0, to: count, by: 16) {
            let numbers = first..<min(first + 16, count)
            // A piece that cannot be read, or not whole, is read block by block.
            let piece = (try? file.blocks(numbers)) ?? []
            try piece.reading { bytes throws(IndexDefect) in
                for number in numbers where !isSound(number, in: bytes, from: first) {
                    _ = try read(number)
                }
            }
        }
    }

    private func isSound(
        _ number: UInt32, in piece: UnsafeRawBufferPointer, from first: UInt32
    ) -> Bool {
        let start = Int(number - first) * IndexBlock.byteCount
        guard start + IndexBlock.byteCount <= piece.count else { return false }
        do throws(IndexDefect) {
            try IndexBlock.check(
                piece.slice(start, IndexBlock.byteCount), number: number, binding: binding)
            return true
        } catch {
            return false
        }
    }

    /// Asks the operating system for a block that is not in memory.
    func prefetch(_ number: UInt32) {
        guard cache.block(number, of: file.identifier) == nil else { return }
        file.prefetch(number)
    }
}

/// A file of blocks that is opened when it is needed and closed when too many are open.
final class IndexFile: Sendable {
    let name: String
    /// Distinguishes this file from one of the same name that replaced it.
    let identifier: UInt64
    private let storage: any Storage
    private let open: OpenIndexFiles
    private let state = Mutex<State>(State())

    private struct State: Sendable {
        var file: (any StorageFile)?
        /// Of the header block, so that a file that replaced this one is not taken for it.
        var checksum: UInt32?
    }

    init(name: String, identifier: UInt64, storage: any Storage, open: OpenIndexFiles) {
        self.name = name
        self.identifier = identifier
        self.storage = storage
        self.open = open
    }

    func block(_ number: UInt32) throws(IndexDefect) -> [UInt8] {
        try blocks(number..<(number + 1))
    }

    /// Fewer bytes only at the end of the file.
    func blocks(_ numbers: Range<UInt32>) throws(IndexDefect) -> [UInt8] {
        let file = try file()
        do throws(EventLogError) {
            return try file.bytes(
                at: UInt64(numbers.lowerBound) * UInt64(IndexBlock.byteCount),
                count: numbers.count * IndexBlock.byteCount)
        } catch {
            throw IndexDefect("\(error)")
        }
    }

    func byteCount() throws(IndexDefect) -> UInt64 {
        let file = try file()
        do throws(EventLogError) { return try file.byteCount() } catch {
            throw IndexDefect("\(error)")
        }
    }

    func prefetch(_ number: UInt32) {
        // What cannot be opened says so when it is read.
        guard let file = try? file() else { return }
        let start = UInt64(number) * UInt64(IndexBlock.byteCount)
        file.prefetch(start..<(start + UInt64(IndexBlock.byteCount)))
    }

    private func file() throws(IndexDefect) -> any StorageFile {
        let (held, known) = state.withLock { ($0.file, $0.checksum) }
        if let held { return held }
        let opened: any StorageFile
        let checksum: UInt32
        do throws(EventLogError) {
            opened = try storage.open(name, .read)
            let header = try opened.bytes(at: 0, count: IndexBlock.byteCount)
            checksum = header.withUnsafeBytes { Checksum.crc32c($0) }
        } catch {
            var defect = IndexDefect("\(error)")
            defect.isMissing = error.code == .notFound
            throw defect
        }
        guard known == nil || known == checksum else { throw IndexDefect("replaced") }
        state.withLock { state in
            state.file = opened
            state.checksum = checksum
        }
        open.opened(self)
        return opened
    }

    fileprivate func close() { state.withLock { $0.file = nil } }
}

/// Which index files are open; the one that was opened first is closed when there are too many.
final class OpenIndexFiles: Sendable {
    /// Weak: a file holds this list, and must go when its index goes.
    private struct Entry: Sendable {
        weak var file: IndexFile?
    }

    /// A ring: moving weak references up took longer than opening a file.
    private struct Ring: Sendable {
        var entries: [Entry] = []
        var oldest = 0
    }

    private let ring = Mutex<Ring>(Ring())
    private let limit: Int

    /// By default 240 sealed segments of 32 MiB, 7.5 GiB of log, and their groups.
    init(limit: Int = 256) {
        invariant(limit > 0, "OpenIndexFiles: the one that is read is open")
        self.limit = limit
    }

    func opened(_ file: IndexFile) {
        let closing = ring.withLock { ring -> IndexFile? in
            guard ring.entries.count >= limit else {
                ring.entries.append(Entry(file: file))
                return nil
            }
            invariant(
                ring.oldest < ring.entries.count, "OpenIndexFiles: the oldest is one of them")
            let closing = ring.entries[ring.oldest].file
            ring.entries[ring.oldest] = Entry(file: file)
            ring.oldest = (ring.oldest + 1) % limit
            return closing
        }
        closing?.close()
    }
}

/// The blocks that were used last, of all indexes: at most 4 MiB.
final class IndexBlockCache: Sendable {
    private struct Slot: Sendable {
        var file: UInt64
        var number: UInt32
        var block: [UInt8]
    }

    /// Each set has its newest use first; a block can be in one set only.
    private let sets = Mutex<[[Slot]]>(Array(repeating: [], count: setCount))

    /// A prime, so that the blocks of a file do not crowd.
    private static let setCount = 251
    private static let wayCount = 4

    private static func set(of number: UInt32, _ file: UInt64) -> Int {
        Int(
            truncatingIfNeeded: (file &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number)) % UInt64(setCount)
        )
    }

    func block(_ number: UInt32, of file: UInt64) -> [UInt8]? {
        sets.withLock { sets in
            let set = IndexBlockCache.set(of: number, file)
            guard let way = sets[set].firstIndex(where: { $0.number == number && $0.file == file })
            else { return nil }
            if way > 0 { sets[set].swapAt(way, way - 1) }
            return sets[set][max(way - 1, 0)].block
        }
    }

    func insert(_ block: [UInt8], _ number: UInt32, of file: UInt64) {
        invariant(
            block.count == IndexBlock.byteCount, "IndexBlockCache: only whole blocks are kept")
        sets.withLock { sets in
            let set = IndexBlockCache.set(of: number, file)
            if sets[set].count >= IndexBlockCache.wayCount { sets[set].removeLast() }
            sets[set].insert(Slot(file: file, number: number, block: block), at: 0)
            invariant(
                sets[set].count <= IndexBlockCache.wayCount,
                "IndexBlockCache: its memory is bounded")
        }
    }
}
