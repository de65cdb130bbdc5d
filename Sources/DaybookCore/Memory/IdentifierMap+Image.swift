/// The entries as bytes, for snapshots: nothing is sorted, and nothing is hashed but once more when read.
///
/// ```
/// a message for each shard: any number of { 16 bytes identifier, the bytes of the value }
/// ```
///
/// As this machine lays them out: an image is read where it was written.
extension IdentifierMap {
    @usableFromInline static var entryByteCount: Int { 16 + MemoryLayout<Value>.size }

    /// Writes every entry that is wanted, shard by shard, each as one field of that number.
    ///
    /// - Parameter fieldEnded: called after each field; it may take out what was written.
    /// - Complexity: O(*n*), some nanoseconds each.
    @inlinable
    package func encodeImage(
        field number: Int, into writer: inout WireWriter,
        fieldEnded: (inout WireWriter) -> Void = { _ in },
        where isWanted: (UInt128) -> Bool = { _ in true }
    ) {
        func append(_ identifier: UInt128, _ value: Value, _ writer: inout WireWriter) {
            guard isWanted(identifier) else { return }
            withUnsafeBytes(of: identifier) { writer.append(raw: $0) }
            withUnsafeBytes(of: value) { writer.append(raw: $0) }
        }
        if let valueOfZero { writer.field(number) { append(0, valueOfZero, &$0) } }
        for shard in shards where shard.count > 0 {
            writer.field(number) { writer in
                for place in shard.keys.indices where shard.keys[place] != 0 {
                    append(shard.keys[place], shard.values[place], &writer)
                }
            }
            fieldEnded(&writer)
        }
    }

    /// Adds what one such field holds.
    ///
    /// - Throws: `badValue` for bytes that are no entries.
    @inlinable
    package mutating func addImage(
        _ bytes: UnsafeRawBufferPointer, field number: Int
    ) throws(WireError) {
        let size = IdentifierMap.entryByteCount
        guard bytes.count % size == 0 else { throw .badValue(field: number) }
        guard bytes.count > 0 else { return }
        let first = bytes.loadUnaligned(as: UInt128.self)
        shards[IdentifierHash(first).shard].reserve(bytes.count / size)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let identifier = bytes.loadUnaligned(fromByteOffset: start, as: UInt128.self)
            let value = bytes.loadUnaligned(fromByteOffset: start + 16, as: Value.self)
            set(value, for: identifier)
        }
    }
}

extension IdentifierShard {
    /// Makes room for so many more without growing step by step.
    @inlinable
    mutating func reserve(_ extra: Int) {
        var capacity = keys.count
        while (count + extra) * 3 > capacity * 2, capacity < 2_048 { capacity *= 2 }
        if (count + extra) * 6 > capacity * 5 { capacity = (count + extra) * 6 / 5 + 6 }
        guard capacity > keys.count else { return }
        move(to: capacity)
    }
}
