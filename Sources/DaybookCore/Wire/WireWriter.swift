/// Writes protobuf wire format without intermediate objects.
///
/// Fields with default values (zero, empty) are left out as proto3 prescribes; the `always` forms
/// write them for fields with presence and inside lists.
///
/// Source: protobuf.dev, Encoding.
@usableFromInline
package struct WireWriter: Sendable {
    /// Longer than what was written: growing in steps, and never at the cost of an append.
    @usableFromInline var storage: [UInt8]
    @usableFromInline var count = 0

    package init(capacity: Int = 256) {
        storage = [UInt8](repeating: 0, count: capacity)
    }

    @inlinable package var byteCount: Int { count }

    /// A copy of what was written.
    package var bytes: [UInt8] { Array(storage[..<count]) }

    /// Gives up the memory with what was written; the writer is empty then.
    package mutating func takeBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &storage)
        bytes.removeLast(bytes.count - count)
        count = 0
        return bytes
    }

    /// What was written, in place; valid within `body`.
    @inlinable
    package func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let count = count
        return try storage.withUnsafeBytes { buffer in
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Empties the writer and keeps its memory.
    @inlinable
    package mutating func removeAll() {
        count = 0
    }

    /// Forgets what was written behind the first so many bytes.
    @inlinable
    package mutating func truncate(to byteCount: Int) {
        precondition(byteCount <= count, "WireWriter: cut beyond the end")
        count = byteCount
    }

    /// Makes room for so many more bytes.
    @inlinable
    mutating func reserve(_ extra: Int) {
        if count + extra > storage.count { grow(by: extra) }
    }

    @usableFromInline @inline(never)
    mutating func grow(by extra: Int) {
        let wanted = max(count + extra, storage.count * 2, 64)
        storage.append(contentsOf: repeatElement(0, count: wanted - storage.count))
    }
}

// MARK: - Fields

extension WireWriter {
    @inlinable
    package mutating func field(_ number: Int, varint value: UInt64) {
        guard value != 0 else { return }
        alwaysField(number, varint: value)
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, varint value: UInt64) {
        append(varint: UInt64(number) << 3)
        append(varint: value)
    }

    /// `int32` and `int64`: negative values take ten bytes, so this is for values that seldom are.
    @inlinable
    package mutating func field(_ number: Int, int value: Int64) {
        field(number, varint: UInt64(bitPattern: value))
    }

    /// `sint32` and `sint64`: zigzag, for values that are often negative.
    @inlinable
    package mutating func field(_ number: Int, zigzag value: Int64) {
        field(number, varint: WireWriter.zigzag(value))
    }

    /// The same without a tag.
    @inlinable
    package mutating func append(zigzag value: Int64) { append(varint: WireWriter.zigzag(value)) }

    @inlinable
    static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

    @inlinable
    package mutating func field(_ number: Int, bool value: Bool) {
        field(number, varint: value ? 1 : 0)
    }

    @inlinable
    package mutating func field(_ number: Int, text value: String) {
        guard !value.isEmpty else { return }
        alwaysField(number, text: value)
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, text value: String) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(value.utf8.count))
        append(text: value)
    }

    @inlinable
    package mutating func field(_ number: Int, bytes value: [UInt8]) {
        guard !value.isEmpty else { return }
        alwaysField(number, bytes: value)
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, bytes value: [UInt8]) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(value.count))
        value.withUnsafeBytes { append(raw: $0) }
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, raw value: UnsafeRawBufferPointer) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(value.count))
        append(raw: value)
    }

    /// An identifier as 16 big-endian bytes; always written.
    @inlinable
    package mutating func field(_ number: Int, identifier value: UInt128) {
        append(varint: UInt64(number) << 3 | 2)
        append(byte: 16)
        append(identifier: value)
    }

    @inlinable
    package mutating func field(_ number: Int, digest value: Digest) {
        append(varint: UInt64(number) << 3 | 2)
        append(byte: 32)
        value.withUnsafeBytes { append(raw: $0) }
    }

    /// A message: writes the tag, leaves room for the length, and fills it in afterwards.
    @inlinable
    package mutating func field(_ number: Int, message body: (inout WireWriter) -> Void) {
        append(varint: UInt64(number) << 3 | 2)
        delimited(body)
    }

    /// A length and then what `body` writes.
    @inlinable
    package mutating func delimited(_ body: (inout WireWriter) -> Void) {
        let lengthIndex = count
        append(byte: 0)
        body(&self)
        let length = count - lengthIndex - 1
        if length < 0x80 {
            storage[lengthIndex] = UInt8(truncatingIfNeeded: length)
        } else {
            widenLength(at: lengthIndex, to: length)
        }
    }

    /// Long values move up once by the few bytes that their length needs; no second buffer.
    @usableFromInline
    mutating func widenLength(at lengthIndex: Int, to length: Int) {
        let extra = (UInt64.bitWidth - UInt64(length).leadingZeroBitCount - 1) / 7
        reserve(extra)
        count += extra
        storage.withUnsafeMutableBytes { buffer in
            let body = UnsafeRawBufferPointer(
                rebasing: buffer[(lengthIndex + 1)..<(lengthIndex + 1 + length)])
            UnsafeMutableRawBufferPointer(
                rebasing: buffer[(lengthIndex + 1 + extra)...]
            ).copyMemory(from: body)
            var rest = UInt64(length)
            for index in 0..<extra {
                buffer[lengthIndex + index] = UInt8(truncatingIfNeeded: rest) | 0x80
                rest >>= 7
            }
            buffer[lengthIndex + extra] = UInt8(rest)
        }
    }

    /// Packed `int32`/`uint32`/`uint64` list; left out when empty.
    @inlinable
    package mutating func field(_ number: Int, packed values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        var length = 0
        for value in values {
            length += (UInt64.bitWidth - (value | 1).leadingZeroBitCount + 6) / 7
        }
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(length))
        for value in values { append(varint: value) }
    }
}

// MARK: - Raw

extension WireWriter {
    @inlinable
    package mutating func append(byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    @inlinable
    package mutating func append(varint value: UInt64) {
        if value < 0x80 {
            append(byte: UInt8(truncatingIfNeeded: value))
        } else {
            append(longVarint: value)
        }
    }

    @usableFromInline
    mutating func append(longVarint value: UInt64) {
        // No varint of 64 bits is longer.
        reserve(10)
        var rest = value
        var end = count
        storage.withUnsafeMutableBufferPointer { buffer in
            while rest >= 0x80 {
                buffer[end] = UInt8(truncatingIfNeeded: rest) | 0x80
                end += 1
                rest >>= 7
            }
            buffer[end] = UInt8(truncatingIfNeeded: rest)
            end += 1
        }
        count = end
    }

    @inlinable
    package mutating func append(text: String) {
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable {
            append(raw: UnsafeRawBufferPointer($0))
        }
        guard isContiguous == nil else { return }
        for byte in text.utf8 { append(byte: byte) }
    }

    @inlinable
    package mutating func append(raw: UnsafeRawBufferPointer) {
        reserve(raw.count)
        let start = count
        storage.withUnsafeMutableBytes { buffer in
            UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).copyMemory(from: raw)
        }
        count = start + raw.count
    }

    @inlinable
    package mutating func append(identifier: UInt128) {
        reserve(16)
        let start = count
        storage.withUnsafeMutableBytes { buffer in
            buffer.storeBytes(of: identifier.bigEndian, toByteOffset: start, as: UInt128.self)
        }
        count = start + 16
    }
}
