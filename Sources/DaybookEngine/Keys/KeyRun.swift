import DaybookCore
import DaybookLog

/// Idempotency keys of a range of the log, sorted by their hashes, in a file that never changes.
///
/// In memory are its filter and its fences, 1.6 bytes a key; a key that is there costs one read of 4 KiB, one
/// that is not costs none but for four in a thousand. Thread-safe. The file stays readable while this lives, also when
/// its name is gone.
final class KeyRun: Sendable {
    let layout: KeyRunLayout
    private let file: any StorageFile
    private let fences: [UInt64]
    private let filter: KeyFilter

    var identity: KeyRunIdentity { layout.identity }

    init(_ layout: KeyRunLayout, file: any StorageFile, fences: [UInt64], filter: KeyFilter) {
        self.layout = layout
        self.file = file
        self.fences = fences
        self.filter = filter
    }

    deinit { file.close() }

    /// - Throws: when there is no such file, or another one of that name.
    /// - Complexity: reads 1.6 bytes a key.
    static func open(_ identity: KeyRunIdentity, in storage: any Storage) throws(KeyRunDefect)
        -> KeyRun
    {
        let layout = KeyRunLayout(identity)
        let file: any StorageFile
        do throws(EventLogError) {
            file = try storage.open(identity.fileName, .read)
        } catch {
            throw layout.defect("\(error)")
        }
        do throws(KeyRunDefect) {
            guard (try? file.byteCount()) == layout.byteCount else {
                throw layout.defect("length")
            }
            guard try layout.blocks(0..<1, of: file) == layout.headerBlock() else {
                throw layout.defect("header")
            }
            let fences = try layout.words(
                layout.entryBlockCount, fromBlock: layout.firstFenceBlock, of: file)
            let filter = try layout.words(
                KeyFilter.wordCount(keyCount: identity.tally.count),
                fromBlock: layout.firstFilterBlock, of: file)
            return KeyRun(layout, file: file, fences: fences, filter: KeyFilter(words: filter))
        } catch {
            file.close()
            throw error
        }
    }

    /// The position of a key's first event; `nil` when it is not here.
    func position(of hash: UInt128) throws(KeyRunDefect) -> UInt64? {
        guard filter.mayHold(hash) else { return nil }
        let high = UInt64(truncatingIfNeeded: hash >> 64)
        // Hashes with the same upper half may lie on both sides of a fence.
        var block = max(0, fences.partitionPoint { $0 >= high } - 1)
        let end = fences.partitionPoint { $0 > high }
        while block < max(end, 1) {
            let entries = try entries(inBlocks: block..<block + 1)
            let place = entries.partitionPoint { $0.hash >= hash }
            if place < entries.count, entries[place].hash == hash { return entries[place].position }
            block += 1
        }
        return nil
    }

    /// The entries of some of the blocks, ascending.
    fileprivate func entries(inBlocks range: Range<Int>) throws(KeyRunDefect) -> [KeyEntry] {
        let bytes = try layout.blocks(range.lowerBound + 1..<range.upperBound + 1, of: file)
        let perBlock = KeyRunLayout.entriesPerBlock
        let end = min(range.upperBound * perBlock, Int(identity.tally.count))
        let entries = bytes.withUnsafeBytes { bytes in
            (range.lowerBound * perBlock..<end).map { index in
                let index = index - range.lowerBound * perBlock
                let offset =
                    index / perBlock * IndexBlock.byteCount
                    + index % perBlock * KeyRunLayout.entryByteCount
                return KeyEntry(
                    hash: bytes.identifier(at: offset), position: bytes.uint64(at: offset + 16))
            }
        }
        return entries
    }

    /// Goes through all entries, ascending.
    struct Cursor {
        private let run: KeyRun
        private var entries: [KeyEntry] = []
        private var next = 0
        private var nextBlock = 0

        private static let blocksPerRead = 16

        init(_ run: KeyRun) { self.run = run }

        /// `nil` at the end.
        mutating func pop() throws(KeyRunDefect) -> KeyEntry? {
            if next == entries.count {
                let end = min(nextBlock + Cursor.blocksPerRead, run.layout.entryBlockCount)
                guard nextBlock < end else { return nil }
                entries = try run.entries(inBlocks: nextBlock..<end)
                nextBlock = end
                next = 0
            }
            defer { next += 1 }
            return entries[next]
        }
    }

    /// What its entries add up to, each of them read.
    func measuredTally() throws(KeyRunDefect) -> KeyTally {
        var tally = KeyTally()
        var cursor = Cursor(self)
        while let entry = try cursor.pop() { tally.add(entry) }
        return tally
    }
}

extension KeyRunLayout {
    /// Reads and checks blocks that lie side by side.
    fileprivate func blocks(
        _ range: Range<Int>, of file: any StorageFile
    ) throws(KeyRunDefect) -> [UInt8] {
        let bytes: [UInt8]
        do throws(EventLogError) {
            bytes = try file.bytes(
                at: KeyRunLayout.offset(ofBlock: range.lowerBound),
                count: range.count * IndexBlock.byteCount)
        } catch {
            throw defect("\(error)")
        }
        guard bytes.count == range.count * IndexBlock.byteCount else { throw defect("cut") }
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(KeyRunDefect) in
                for index in 0..<range.count {
                    try check(
                        bytes.slice(index * IndexBlock.byteCount, IndexBlock.byteCount),
                        number: range.lowerBound + index)
                }
            }
        }
        try result.get()
        return bytes
    }

    private static let blocksPerRead = 64

    /// Reads a section of words.
    fileprivate func words(
        _ count: Int, fromBlock first: Int, of file: any StorageFile
    ) throws(KeyRunDefect) -> [UInt64] {
        var words: [UInt64] = []
        words.reserveCapacity(count)
        var block = first
        while words.count < count {
            let missing = count - words.count + KeyRunLayout.wordsPerBlock - 1
            let end = block + min(KeyRunLayout.blocksPerRead, missing / KeyRunLayout.wordsPerBlock)
            let bytes = try blocks(block..<end, of: file)
            bytes.withUnsafeBytes { bytes in
                for index in 0..<end - block {
                    let wanted = min(KeyRunLayout.wordsPerBlock, count - words.count)
                    for word in 0..<wanted {
                        words.append(bytes.uint64(at: index * IndexBlock.byteCount + word * 8))
                    }
                }
            }
            block = end
        }
        return words
    }
}

extension Array {
    /// The index of the first element for which `isBehind` holds; it holds for all behind that one.
    ///
    /// - Complexity: O(log *n*).
    fileprivate func partitionPoint(_ isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
