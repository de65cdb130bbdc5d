import DaybookCore
import DaybookLog

/// Why keys could not be put away.
enum KeyRunFailure: Error {
    /// A run that was to be merged is damaged.
    case damaged(KeyRunDefect)
    /// The new one could not be written.
    case unwritten(EventLogError)
}

/// Writes the file of a run, from its first entry to its last.
struct KeyRunWriter: ~Copyable {
    private let layout: KeyRunLayout
    private let storage: any Storage
    private let file: any StorageFile
    private var fences: [UInt64] = []
    private var filter: KeyFilter
    /// What the block that is being filled begins with, and what was not written yet.
    private var buffer: [UInt8] = []
    private var entriesInBlock = 0
    private var entryBlocks = 0
    private var writtenBlocks = 1
    private var tally = KeyTally()

    static let partialName = "keys.part"
    private static let blocksPerWrite = 64

    init(_ identity: KeyRunIdentity, in storage: any Storage) throws(EventLogError) {
        layout = KeyRunLayout(identity)
        self.storage = storage
        file = try storage.open(KeyRunWriter.partialName, .replace)
        filter = KeyFilter(keyCount: identity.tally.count)
        fences.reserveCapacity(layout.entryBlockCount)
        buffer.reserveCapacity(KeyRunWriter.blocksPerWrite * IndexBlock.byteCount)
    }

    /// - Precondition: no smaller than the one before.
    mutating func append(_ entry: KeyEntry) throws(EventLogError) {
        if entriesInBlock == KeyRunLayout.entriesPerBlock { try endBlock() }
        if entriesInBlock == 0 { fences.append(UInt64(truncatingIfNeeded: entry.hash >> 64)) }
        withUnsafeBytes(of: entry.hash.bigEndian) { buffer.append(contentsOf: $0) }
        withUnsafeBytes(of: entry.position.littleEndian) { buffer.append(contentsOf: $0) }
        filter.insert(entry.hash)
        tally.add(entry)
        entriesInBlock += 1
    }

    private mutating func endBlock() throws(EventLogError) {
        let content = entriesInBlock * KeyRunLayout.entryByteCount
        entriesInBlock = 0
        entryBlocks += 1
        buffer.append(contentsOf: repeatElement(0, count: IndexBlock.byteCount - content))
        let number = UInt32(entryBlocks)
        let binding = layout.binding
        buffer.withUnsafeMutableBytes { buffer in
            let start = buffer.count - IndexBlock.byteCount
            IndexBlock.finish(
                UnsafeMutableRawBufferPointer(rebasing: buffer[start...]), number: number,
                binding: binding)
        }
        if buffer.count >= KeyRunWriter.blocksPerWrite * IndexBlock.byteCount { try flush() }
    }

    private mutating func flush() throws(EventLogError) {
        try file.writeAll(buffer, at: KeyRunLayout.offset(ofBlock: writtenBlocks))
        writtenBlocks += buffer.count / IndexBlock.byteCount
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the run durable, then gives it its name.
    ///
    /// - Precondition: exactly the entries that its identity counts.
    consuming func finish() throws(EventLogError) -> KeyRun {
        if entriesInBlock > 0 { try endBlock() }
        try flush()
        precondition(
            tally == layout.identity.tally && entryBlocks == layout.entryBlockCount,
            "KeyRunWriter: what was announced was written")
        try write(fences)
        try write(filter.words)
        precondition(
            writtenBlocks == layout.blockCount, "KeyRunWriter: every section has its blocks")
        try file.writeAll(layout.headerBlock(), at: 0)
        try file.syncAll()
        let name = layout.identity.fileName
        try storage.rename(KeyRunWriter.partialName, to: name)
        try storage.syncDirectory(folder: nil)
        return KeyRun(layout, file: file, fences: fences, filter: filter)
    }

    private mutating func write(_ words: [UInt64]) throws(EventLogError) {
        var rest = words[...]
        while !rest.isEmpty {
            let part = rest.prefix(KeyRunLayout.wordsPerBlock)
            rest = rest.dropFirst(part.count)
            let number = writtenBlocks + buffer.count / IndexBlock.byteCount
            buffer += layout.block(number: number) { block in
                for (index, word) in part.enumerated() { block.store(word, at: index * 8) }
            }
            if buffer.count >= KeyRunWriter.blocksPerWrite * IndexBlock.byteCount { try flush() }
        }
        try flush()
    }

    /// Takes away what was begun: half a run must not take the last space from the log.
    static func clear(in storage: any Storage) {
        try? storage.unlink(partialName)
    }
}
