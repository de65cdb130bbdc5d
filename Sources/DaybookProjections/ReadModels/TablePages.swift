internal import Glibc

/// Reads the rows of a table from the pages of a finished file, without SQLite: the stored bytes of each
/// row in turn, in constant memory.
///
/// Only for a file that nobody writes to and that has no journal and no write-ahead log. Never of a file
/// that SQLite may have open in this process and that others may use: closing any descriptor of a file
/// drops the locks that the process has on it.
///
/// Source: SQLite, "Database File Format", sections 1.2, 1.3, 1.6 and 2.3.
final class TablePages {
    private let path: String
    private let descriptor: Int32
    private let pageByteCount: Int
    /// The bytes of a page that hold content.
    private let usable: Int
    private let pageCount: UInt32
    /// One page for each level of the tree on the way to the current leaf.
    private var levels: [UnsafeMutableRawPointer] = []
    private let spill = RowBuffer()

    /// A tree deeper than this is none: 4-KiB pages at two cells each would hold a million rows.
    private static let depthLimit = 20

    /// - Throws: ``ReadModelError`` `.io`; `.damaged` when it is no database of the kind that we make.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystem.failure("open", path) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = pread(descriptor, &header, header.count, 0)
        let size = Int(header[16]) << 8 | Int(header[17])
        pageByteCount = size == 1 ? 65_536 : size
        usable = pageByteCount - Int(header[20])
        pageCount = UInt32(
            truncatingIfNeeded: FileSystem.byteCount(of: path) / UInt64(max(pageByteCount, 512)))
        guard count == header.count, header.starts(with: Array("SQLite format 3\0".utf8)),
            pageByteCount >= 512, usable >= 480, pageByteCount.nonzeroBitCount == 1
        else {
            // Every property is set, so `deinit` closes it.
            throw TablePages.damage(path, "it is no database")
        }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit {
        for level in levels { level.deallocate() }
        // Nothing was written, so nothing can be lost.
        Glibc.close(descriptor)
    }

    /// Visits every row below a root page, in the order of the tree.
    ///
    /// - Parameter body: given the row's number, `nil` in a table without, and its record; valid inside.
    /// - Throws: `.damaged` for pages that are no tree of rows, `.io`, or what `body` throws.
    /// - Complexity: O(pages).
    func forEachRecord(
        root: UInt32, _ body: (Int64?, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try visit(root, depth: 0, body)
    }

    private func visit(
        _ number: UInt32, depth: Int, _ body: (Int64?, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let page = try read(number, depth: depth)
        let start = number == 1 ? 100 : 0
        guard let kind = PageKind(rawValue: page[start]) else {
            throw damage("page \(number) has kind \(page[start])")
        }
        let cellCount = Int(page.big16(at: start + 3))
        let pointers = start + (kind.isLeaf ? 8 : 12)
        guard pointers + 2 * cellCount <= usable else { throw damage("page \(number) is too full") }
        for index in 0..<cellCount {
            var at = Int(page.big16(at: pointers + 2 * index))
            guard at >= pointers, at + 4 <= usable else {
                throw damage("a cell of page \(number) lies outside")
            }
            if !kind.isLeaf {
                try visit(page.big32(at: at), depth: depth + 1, body)
                at += 4
            }
            guard kind != .tableInterior else { continue }
            try visitCell(of: page, at: at, kind, body)
        }
        if !kind.isLeaf { try visit(page.big32(at: start + 8), depth: depth + 1, body) }
    }

    private func visitCell(
        of page: UnsafeRawBufferPointer, at start: Int, _ kind: PageKind,
        _ body: (Int64?, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var at = start
        let content = UnsafeRawBufferPointer(rebasing: page[..<usable])
        guard let size = content.varint(at: &at).flatMap({ Int(exactly: $0) }), size >= 0 else {
            throw damage("a row has no size")
        }
        var number: Int64?
        if kind == .tableLeaf {
            guard let found = content.varint(at: &at) else { throw damage("a row has no number") }
            number = found
        }
        let local = localByteCount(of: size, isTable: kind == .tableLeaf)
        guard at + local + (local < size ? 4 : 0) <= usable else {
            throw damage("a row lies outside its page")
        }
        guard local < size else {
            return try body(number, UnsafeRawBufferPointer(rebasing: content[at..<at + local]))
        }
        spill.removeAll()
        spill.append(UnsafeRawBufferPointer(rebasing: content[at..<at + local]))
        try readOverflow(from: content.big32(at: at + local), upTo: size)
        try body(number, spill.bytes)
    }

    /// How much of a row of this size stands on its own page.
    private func localByteCount(of size: Int, isTable: Bool) -> Int {
        let largest = isTable ? usable - 35 : (usable - 12) * 64 / 255 - 23
        guard size > largest else { return size }
        let smallest = (usable - 12) * 32 / 255 - 23
        let fitting = smallest + (size - smallest) % (usable - 4)
        return fitting <= largest ? fitting : smallest
    }

    private func readOverflow(from first: UInt32, upTo size: Int) throws {
        var number = first
        while spill.count < size {
            let page = try read(number, depth: TablePages.depthLimit)
            let count = min(usable - 4, size - spill.count)
            spill.append(UnsafeRawBufferPointer(rebasing: page[4..<4 + count]))
            number = page.big32(at: 0)
        }
    }

    /// - Parameter depth: each level has a page of its own, so that the way up is still there.
    private func read(_ number: UInt32, depth: Int) throws -> UnsafeRawBufferPointer {
        guard number > 0, number <= pageCount, depth <= TablePages.depthLimit else {
            throw damage("page \(number) is none of its \(pageCount)")
        }
        while levels.count <= depth {
            levels.append(.allocate(byteCount: pageByteCount, alignment: 16))
        }
        let offset = off_t(number - 1) * off_t(pageByteCount)
        guard pread(descriptor, levels[depth], pageByteCount, offset) == pageByteCount else {
            throw FileSystem.failure("read page \(number)", path)
        }
        return UnsafeRawBufferPointer(start: levels[depth], count: pageByteCount)
    }

    private func damage(_ what: String) -> ReadModelError { TablePages.damage(path, what) }

    private static func damage(_ path: String, _ what: String) -> ReadModelError {
        ReadModelError(code: .damaged, message: what, path: path)
    }
}

private enum PageKind: UInt8 {
    case indexInterior = 2
    case tableInterior = 5
    case indexLeaf = 10
    case tableLeaf = 13

    var isLeaf: Bool { self == .indexLeaf || self == .tableLeaf }
}

extension UnsafeRawBufferPointer {
    fileprivate func big16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    fileprivate func big32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// SQLite's integer of one to nine bytes; `nil` when it is cut off.
    @inline(__always)
    func varint(at offset: inout Int) -> Int64? {
        guard offset < count else { return nil }
        let first = self[offset]
        offset += 1
        return first < 0x80 ? Int64(first) : longVarint(Int64(first & 0x7f), at: &offset)
    }

    private func longVarint(_ first: Int64, at offset: inout Int) -> Int64? {
        var value = first
        for _ in 0..<7 {
            guard offset < count else { return nil }
            let byte = self[offset]
            offset += 1
            value = value << 7 | Int64(byte & 0x7f)
            if byte < 0x80 { return value }
        }
        guard offset < count else { return nil }
        value = value << 8 | Int64(self[offset])
        offset += 1
        return value
    }
}
