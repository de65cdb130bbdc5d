/// Writes protobuf wire format without intermediate objects.
///
/// Fields with default values (zero, empty) are left out as proto3 prescribes; the `always` forms
/// write them for fields with presence and inside lists.
///
/// Source: protobuf.dev, Encoding.
package struct WireWriter {
    package private(set) var bytes: [UInt8]

    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package var byteCount: Int { bytes.count }

    /// Empties the writer and keeps its memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }
}

// MARK: - Fields

extension WireWriter {
    @inlinable
    package mutating func field(_ number: Int, varint value: UInt64) {
        guard value != 0 else { return }
        alwaysField(number, varint: value)
    }

    package mutating func alwaysField(_ number: Int, varint value: UInt64) {
        append(varint: UInt64(number) << 3)
        append(varint: value)
    }

    /// `int32` and `int64`: negative values take ten bytes, so this is for values that seldom are.
    package mutating func field(_ number: Int, int value: Int64) {
        field(number, varint: UInt64(bitPattern: value))
    }

    /// `sint32` and `sint64`: zigzag, for values that are often negative.
    package mutating func field(_ number: Int, zigzag value: Int64) {
        field(number, varint: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    package mutating func field(_ number: Int, bool value: Bool) {
        field(number, varint: value ? 1 : 0)
    }

    package mutating func field(_ number: Int, text value: String) {
        guard !value.isEmpty else { return }
        alwaysField(number, text: value)
    }

    package mutating func alwaysField(_ number: Int, text value: String) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(value.utf8.count))
        append(text: value)
    }

    package mutating func field(_ number: Int, bytes value: [UInt8]) {
        guard !value.isEmpty else { return }
        alwaysField(number, bytes: value)
    }

    package mutating func alwaysField(_ number: Int, bytes value: [UInt8]) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// An identifier as 16 big-endian bytes; always written.
    package mutating func field(_ number: Int, identifier value: UInt128) {
        append(varint: UInt64(number) << 3 | 2)
        append(byte: 16)
        append(identifier: value)
    }

    package mutating func field(_ number: Int, digest value: Digest) {
        append(varint: UInt64(number) << 3 | 2)
        append(byte: 32)
        value.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// A message: writes the tag, leaves room for the length, and fills it in afterwards.
    @inlinable
    package mutating func field(_ number: Int, message body: (inout WireWriter) -> Void) {
        append(varint: UInt64(number) << 3 | 2)
        delimited(body)
    }

    /// A length and then what `body` writes.
    package mutating func delimited(_ body: (inout WireWriter) -> Void) {
        let lengthIndex = bytes.count
        bytes.append(0)
        body(&self)
        let length = bytes.count - lengthIndex - 1
        guard length >= 0x80 else {
            bytes[lengthIndex] = UInt8(length)
            return
        }
        // Long values move up once by the few bytes that their length needs; no second buffer.
        let extra = (UInt64.bitWidth - UInt64(length).leadingZeroBitCount - 1) / 7
        bytes.append(contentsOf: repeatElement(0, count: extra))
        bytes.withUnsafeMutableBytes { buffer in
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
    package mutating func append(byte: UInt8) {
        bytes.append(byte)
    }

    package mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func append(text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func append(raw: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: raw)
    }

    package mutating func append(identifier: UInt128) {
        withUnsafeBytes(of: identifier.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
