/// Reusable memory that only grows, so that the commit path does not allocate.
///
/// Page-aligned. Confined to its owner; not thread-safe.
final class GrowingBuffer {
    private(set) var bytes: UnsafeMutableRawBufferPointer
    /// How much of it is in use.
    private(set) var count = 0

    init(capacity: Int = 1 << 16) {
        invariant(capacity > 0, "GrowingBuffer: doubling nothing gives nothing")
        bytes = .allocate(byteCount: capacity, alignment: 4096)
    }

    deinit {
        bytes.deallocate()
    }

    var used: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<count]) }

    func removeAll() { count = 0 }

    /// Leaves only the first bytes in use; the memory stays.
    func truncate(to wanted: Int) {
        invariant(wanted <= count, "GrowingBuffer: only what is in use is given up")
        count = wanted
    }

    /// Makes room for `more` bytes behind those in use and hands them out; they hold anything.
    func extend(by more: Int) -> UnsafeMutableRawBufferPointer {
        invariant(more >= 0, "GrowingBuffer: it only grows")
        reserve(count + more)
        let start = count
        count += more
        invariant(count <= bytes.count, "GrowingBuffer: room was made before it is handed out")
        return UnsafeMutableRawBufferPointer(rebasing: bytes[start..<count])
    }

    /// The first `wanted` bytes, none of them in use.
    func scratch(_ wanted: Int) -> UnsafeMutableRawBufferPointer {
        removeAll()
        return extend(by: wanted)
    }

    private func reserve(_ wanted: Int) {
        guard wanted > bytes.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(wanted, bytes.count * 2), alignment: 4096)
        invariant(larger.count >= 2 * bytes.count, "GrowingBuffer: growing often costs little")
        larger.copyMemory(from: used)
        bytes.deallocate()
        bytes = larger
    }
}
