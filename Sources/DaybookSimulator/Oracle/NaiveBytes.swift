import Glibc

/// Why bytes are not what `Schemas/log/FORMAT.md` says.
package struct NaiveDefect: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}

/// Reading by the letter of the format, without any of the log's own code: an oracle that shared it
/// would share its mistakes.
struct NaiveBytes {
    let bytes: UnsafeRawBufferPointer

    var count: Int { bytes.count }

    func slice(_ start: Int, _ count: Int) throws(NaiveDefect) -> NaiveBytes {
        guard start >= 0, count >= 0, count <= bytes.count - start else {
            throw NaiveDefect("ends too early: \(start)+\(count) of \(bytes.count)")
        }
        return NaiveBytes(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
    }

    func u16(_ at: Int) -> UInt16 { bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self) }
    func u32(_ at: Int) -> UInt32 { bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self) }
    func u64(_ at: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) }
    func i64(_ at: Int) -> Int64 { Int64(bitPattern: u64(at)) }

    func digest(_ at: Int) -> NaiveDigest {
        NaiveDigest(UnsafeRawBufferPointer(rebasing: bytes[at..<(at + NaiveDigest.byteCount)]))
    }

    /// The id of a log.
    func identifier(_ at: Int) -> SIMD16<UInt8> {
        bytes.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
    }

    /// Whether both hold the same; element by element this is slow in debug builds.
    func equals(_ other: NaiveBytes) -> Bool {
        guard other.count == count, let left = other.bytes.baseAddress,
            let right = bytes.baseAddress
        else { return other.count == count }
        return memcmp(left, right, count) == 0
    }

    /// Whether the first byte is zero, and every other one like the one before it.
    var isZero: Bool {
        guard let start = bytes.baseAddress, count > 0 else { return true }
        return bytes[0] == 0 && memcmp(start, start + 1, count - 1) == 0
    }

    /// CRC-32C by tables, four bytes at a time.
    var crc: UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        NaiveBytes.tables.withUnsafeBufferPointer { tables in
            var offset = 0
            while offset + 4 <= bytes.count {
                crc ^= u32(offset)
                crc =
                    tables[768 + Int(crc & 0xFF)] ^ tables[512 + Int(crc >> 8 & 0xFF)]
                    ^ tables[256 + Int(crc >> 16 & 0xFF)] ^ tables[Int(crc >> 24)]
                offset += 4
            }
            for byte in bytes[offset...] {
                crc = tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8)
            }
        }
        return ~crc
    }

    /// Table 0 advances over one byte, tables 1 to 3 over as many more.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { index -> UInt32 in
            var crc = UInt32(index)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            return crc
        }
        for index in 256..<1024 {
            let shorter = tables[index - 256]
            tables.append(shorter >> 8 ^ tables[Int(shorter & 0xFF)])
        }
        return tables
    }()

    /// An LZ4 block, decoded into exactly `rawCount` bytes.
    ///
    /// Source: lz4_Block_format.md.
    func lz4(rawCount: Int) throws(NaiveDefect) -> [UInt8] {
        var raw: [UInt8] = []
        raw.reserveCapacity(rawCount)
        var at = 0
        func length(_ start: Int) throws(NaiveDefect) -> Int {
            guard start == 15 else { return start }
            var sum = 15
            while true {
                guard at < count else { throw NaiveDefect("LZ4 length ends early") }
                let more = Int(bytes[at])
                at += 1
                sum += more
                if more < 255 { return sum }
            }
        }
        while at < count {
            let token = Int(bytes[at])
            at += 1
            let literals = try length(token >> 4)
            raw.append(contentsOf: try slice(at, literals).bytes)
            at += literals
            if at == count { break }
            guard at + 2 <= count else { throw NaiveDefect("LZ4 offset ends early") }
            let distance = Int(u16(at))
            at += 2
            let match = try length(token & 15) + 4
            guard distance > 0, distance <= raw.count, raw.count + match <= rawCount else {
                throw NaiveDefect("LZ4 match out of range")
            }
            for _ in 0..<match { raw.append(raw[raw.count - distance]) }
        }
        guard raw.count == rawCount else { throw NaiveDefect("LZ4 gives \(raw.count) bytes") }
        return raw
    }
}
