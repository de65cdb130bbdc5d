internal import DaybookCore

/// Fixed-width little-endian fields at fixed offsets, as the tables of FORMAT.md give them.
extension UnsafeMutableRawBufferPointer {
    package func store(_ value: UInt16, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt16.self)
    }

    package func store(_ value: UInt32, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    package func store(_ value: UInt64, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    func store(_ value: Instant, at offset: Int) {
        store(UInt64(bitPattern: value.microseconds), at: offset)
    }

    func store(_ value: Digest, at offset: Int) {
        value.withUnsafeBytes { copy($0, at: offset) }
    }

    /// An identifier: 16 bytes, most significant first.
    package func store(identifier: UInt128, at offset: Int) {
        storeBytes(of: identifier.bigEndian, toByteOffset: offset, as: UInt128.self)
    }

    func copy(_ source: UnsafeRawBufferPointer, at offset: Int) {
        invariant(offset + source.count <= count, "LittleEndian: what is copied has room")
        UnsafeMutableRawBufferPointer(rebasing: self[offset..<(offset + source.count)])
            .copyMemory(from: source)
    }
}

extension UnsafeRawBufferPointer {
    func uint16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    func uint32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    package func uint64(at offset: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    func instant(at offset: Int) -> Instant {
        Instant(microseconds: Int64(bitPattern: uint64(at: offset)))
    }

    func digest(at offset: Int) -> Digest {
        Digest(bytes: slice(offset, Digest.byteCount))
    }

    package func identifier(at offset: Int) -> UInt128 {
        UInt128(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt128.self))
    }

    /// `count` bytes from `offset`, re-based.
    package func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        invariant(
            offset >= 0 && offset + count <= self.count, "LittleEndian: a slice lies in its bytes")
        return UnsafeRawBufferPointer(rebasing: self[offset..<(offset + count)])
    }

    /// Whether every byte is zero.
    var isZero: Bool { lastNonZero == nil }

    /// The index of the last byte that is not zero; looks at 32 at a time, for most of an active segment is
    /// zeros.
    var lastNonZero: Int? {
        func word(before end: Int) -> UInt64 {
            loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
        }
        var end = count
        while end >= 32,
            word(before: end) | word(before: end - 8) | word(before: end - 16)
                | word(before: end - 24) == 0
        {
            end -= 32
        }
        while end >= 8, word(before: end) == 0 { end -= 8 }
        while end > 0 {
            if self[end - 1] != 0 { return end - 1 }
            end -= 1
        }
        return nil
    }
}
