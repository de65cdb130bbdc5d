import DaybookCore
import DaybookLog

/// Why a run cannot be used. It is derived: its keys come back from the log.
struct KeyRunDefect: Error, CustomStringConvertible {
    /// Which run: the position behind which its keys begin.
    var after: LogPosition
    var reason: String

    var description: String { "idempotency keys behind position \(after): \(reason)" }
}

/// What a run is of: it is used for exactly that, and for nothing else.
struct KeyRunIdentity: Hashable, Sendable {
    var logID: LogID
    /// Its keys are those of the batches behind this position …
    var after: LogPosition
    /// … up to this one.
    var through: LogPosition
    var tally: KeyTally

    private static let prefix = "keys-"

    var fileName: String {
        KeyRunIdentity.prefix + KeyRunIdentity.digits(after) + "-" + KeyRunIdentity.digits(through)
    }

    static func isFileName(_ name: String) -> Bool { name.hasPrefix(prefix) }

    private static func digits(_ position: LogPosition) -> String {
        let digits = String(position.rawValue)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}

/// How the file of a run is laid out: blocks of 4,096 bytes, each of which shows by itself that it is whole
/// and where it belongs, as those of the log's indexes (Schemas/log/INDEX.md, Blocks).
///
/// ```
/// block 0   "DBKKEYS1", u16 1, u16 0, u32 4096, log id, after, through, count, sum, and the
///           numbers of blocks (u32) of the sections; zeros
/// entries   170 a block, ascending: 16 bytes of the scope's hash, most significant first, u64 position
/// fences    510 a block: u64, the upper half of the hash with which each block of entries begins
/// filter    510 a block: u64, the words of the filter
/// ```
///
/// The binding of the blocks is the beginning of the SHA-256 of block 0's 84 bytes.
struct KeyRunLayout: Sendable {
    let identity: KeyRunIdentity
    let binding: UInt64
    let entryBlockCount: Int
    let fenceBlockCount: Int
    let filterBlockCount: Int
    private let header: [UInt8]

    static let entryByteCount = 24
    static let entriesPerBlock = IndexBlock.contentByteCount / entryByteCount
    static let wordsPerBlock = IndexBlock.contentByteCount / 8
    private static let headerByteCount = 84

    /// - Precondition: at least one key.
    init(_ identity: KeyRunIdentity) {
        precondition(identity.tally.count > 0, "KeyRunLayout: there is no run without keys")
        self.identity = identity
        func blocks(_ count: Int, _ perBlock: Int) -> Int { (count + perBlock - 1) / perBlock }
        let entries = blocks(Int(identity.tally.count), KeyRunLayout.entriesPerBlock)
        let fences = blocks(entries, KeyRunLayout.wordsPerBlock)
        let filter = blocks(
            KeyFilter.wordCount(keyCount: identity.tally.count), KeyRunLayout.wordsPerBlock)
        var header = [UInt8](repeating: 0, count: KeyRunLayout.headerByteCount)
        header.withUnsafeMutableBytes { header in
            header.copyBytes(from: "DBKKEYS1".utf8)
            header.store(UInt16(1), at: 8)
            header.store(UInt16(0), at: 10)
            header.store(UInt32(IndexBlock.byteCount), at: 12)
            header.store(identifier: identity.logID.rawValue, at: 16)
            header.store(identity.after.rawValue, at: 32)
            header.store(identity.through.rawValue, at: 40)
            header.store(identity.tally.count, at: 48)
            header.store(identifier: identity.tally.sum, at: 56)
            header.store(UInt32(entries), at: 72)
            header.store(UInt32(fences), at: 76)
            header.store(UInt32(filter), at: 80)
        }
        self.header = header
        binding = header.withUnsafeBytes { bytes in
            HashFunction.sha256.digest(bytes).withUnsafeBytes { $0.uint64(at: 0) }
        }
        entryBlockCount = entries
        fenceBlockCount = fences
        filterBlockCount = filter
    }

    var firstFenceBlock: Int { 1 + entryBlockCount }
    var firstFilterBlock: Int { firstFenceBlock + fenceBlockCount }
    var blockCount: Int { firstFilterBlock + filterBlockCount }
    var byteCount: UInt64 { KeyRunLayout.offset(ofBlock: blockCount) }

    static func offset(ofBlock number: Int) -> UInt64 {
        UInt64(number) * UInt64(IndexBlock.byteCount)
    }

    /// Block 0, whole.
    func headerBlock() -> [UInt8] {
        block(number: 0) { $0.copyBytes(from: header) }
    }

    /// Makes one block.
    func block(number: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: IndexBlock.byteCount)
        block.withUnsafeMutableBytes { block in
            fill(block)
            IndexBlock.finish(block, number: UInt32(number), binding: binding)
        }
        return block
    }

    func defect(_ reason: String) -> KeyRunDefect {
        KeyRunDefect(after: identity.after, reason: "\(identity.fileName): \(reason)")
    }

    /// - Throws: when the block is not the one that is wanted, byte for byte.
    func check(_ block: UnsafeRawBufferPointer, number: Int) throws(KeyRunDefect) {
        do throws(IndexDefect) {
            try IndexBlock.check(block, number: UInt32(number), binding: binding)
        } catch {
            throw defect(error.description)
        }
    }
}
