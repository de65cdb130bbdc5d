import DaybookCore

/// Gives equal byte strings equal small numbers: 0, 1, 2 … in the order of first appearance.
///
/// A file repeats a few thousand codes a few hundred thousand times; looking one up copies nothing.
/// Comparison is by byte, so codes that differ in case or in Unicode form stay apart.
struct ByteInterner {
    private(set) var count = 0
    private var storage: [UInt8] = []
    /// Value `n` is `storage[ends[n - 1]..<ends[n]]`.
    private var ends: [Int] = []
    /// Open addressing: value number + 1, or 0 for an empty slot. The size is a power of two.
    private var slots = [Int32](repeating: 0, count: 1024)

    /// The number of a value and whether it is new.
    mutating func intern(_ bytes: UnsafeRawBufferPointer) -> (index: Int, isNew: Bool) {
        if count * 2 >= slots.count { grow() }
        var slot = ByteInterner.hash(bytes) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if isEqual(index, bytes) { return (index, false) }
            slot = (slot + 1) & (slots.count - 1)
        }
        storage.append(contentsOf: bytes)
        ends.append(storage.count)
        count += 1
        slots[slot] = Int32(count)
        return (count - 1, true)
    }

    private func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    private func isEqual(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let range = range(index)
        return storage.withUnsafeBytes { stored in
            UnsafeRawBufferPointer(rebasing: stored[range]).hasSameBytes(as: bytes)
        }
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for index in 0..<count {
            let hash = storage.withUnsafeBytes { stored in
                ByteInterner.hash(UnsafeRawBufferPointer(rebasing: stored[range(index)]))
            }
            var slot = hash & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index + 1)
        }
    }

    /// FNV-1a; only the place in the table depends on it, never an order that can be seen.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
