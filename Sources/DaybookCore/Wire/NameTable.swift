/// Names that come again and again: the string of each is made once and found by its bytes.
///
/// Confined to its owner.
package struct NameTable {
    private struct Entry {
        var text: String
        /// Where its bytes stand.
        var start: Int
        var byteCount: Int
        /// What the owner has worked out about it, and for which of its versions.
        var note: (version: UInt32, value: UInt32)?
    }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// By hash; 0 is free, else the number and one.
    private var slots = [UInt16](repeating: 0, count: slotCount)

    /// More names than any application has; what comes beyond is forgotten by `forgetSurplus()`.
    private static let limit = 1024
    private static let slotCount = 4 * limit

    package init() {}

    /// The number of a name; the same name has the same one until it is forgotten.
    ///
    /// - Returns: `nil` when the bytes are not UTF-8.
    package mutating func number(of name: UnsafeRawBufferPointer) -> Int? {
        var slot = NameTable.hash(name) & (NameTable.slotCount - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if isEqual(number, name) { return number }
            slot = (slot + 1) & (NameTable.slotCount - 1)
        }
        guard let text = String(utf8: name) else { return nil }
        entries.append(Entry(text: text, start: bytes.count, byteCount: name.count))
        bytes.append(contentsOf: name)
        if entries.count <= NameTable.limit { slots[slot] = UInt16(entries.count) }
        return entries.count - 1
    }

    package func text(_ number: Int) -> String { entries[number].text }

    /// What was noted about a name and one of its versions.
    package func note(_ number: Int, version: UInt32) -> UInt32? {
        guard let note = entries[number].note, note.version == version else { return nil }
        return note.value
    }

    /// Keeps one note a name, the last.
    package mutating func setNote(_ number: Int, version: UInt32, to value: UInt32) {
        entries[number].note = (version, value)
    }

    /// Forgets the names beyond the limit; their numbers are given to others.
    package mutating func forgetSurplus() {
        guard entries.count > NameTable.limit else { return }
        bytes.removeSubrange(entries[NameTable.limit].start...)
        entries.removeSubrange(NameTable.limit...)
    }

    private func isEqual(_ number: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let entry = entries[number]
        guard entry.byteCount == name.count else { return false }
        return bytes.withUnsafeBytes { bytes in
            UnsafeRawBufferPointer(
                rebasing: bytes[entry.start..<(entry.start + entry.byteCount)]
            ).hasSameBytes(as: name)
        }
    }

    /// Of length and both ends, which is enough to tell names apart; others are compared.
    private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
        var mixed = UInt64(truncatingIfNeeded: name.count)
        if name.count >= 8 {
            mixed ^= name.loadUnaligned(as: UInt64.self)
            mixed &*= 0x9E37_79B9_7F4A_7C15
            mixed ^= name.loadUnaligned(fromByteOffset: name.count - 8, as: UInt64.self)
        } else {
            for byte in name { mixed = mixed << 8 ^ UInt64(byte) }
        }
        mixed &*= 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 40)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes; eight at a time.
    package func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset + 8 <= count {
            guard
                loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }
}
