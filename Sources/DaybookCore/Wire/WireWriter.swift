/// Writes protobuf wire format without intermediate objects.
///
/// Fields with default values (zero, empty) are left out as proto3 prescribes; the `always` forms
/// write them for fields with presence and inside lists.
///
/// Not copyable: its memory has one owner, so no append asks whether somebody else holds it, and each field
/// asks for room once (ADR 0031). Its members are inlined into the encoders of other modules, which consist of
/// these calls.
///
/// Source: protobuf.dev, Encoding.
@usableFromInline
package struct WireWriter: ~Copyable {
    /// `capacity` bytes, of which the first `count` were written. Every write goes behind those, into room
    /// that `reserve` made: what `put` is called for never leaves the memory.
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var count = 0

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    @inlinable
    deinit {
        base.deallocate()
    }

    @inlinable package var byteCount: Int { count }

    /// A copy of what was written.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// What was written, in place; valid within `body`.
    @inlinable
    package func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Empties the writer and keeps its memory.
    @inlinable
    package mutating func removeAll() {
        count = 0
    }

    /// Forgets what was written behind the first so many bytes.
    @inlinable
    package mutating func truncate(to byteCount: Int) {
        precondition(0 <= byteCount && byteCount <= count, "WireWriter: cut beyond the end")
        count = byteCount
    }

    /// Makes room for so many more bytes.
    @inlinable @inline(__always)
    mutating func reserve(_ extra: Int) {
        if extra > capacity &- count { grow(by: extra) }
    }

    @usableFromInline @inline(never)
    mutating func grow(by extra: Int) {
        let wanted = max(count + extra, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }
}

/// It alone owns its memory, so it may go from thread to thread; the compiler cannot see that of a pointer,
/// hence unchecked.
extension WireWriter: @unchecked Sendable {}

// MARK: - Fields

extension WireWriter {
    /// No varint of 64 bits is longer.
    @inlinable static var longestVarint: Int { 10 }

    @inlinable
    package mutating func field(_ number: Int, varint value: UInt64) {
        guard value != 0 else { return }
        alwaysField(number, varint: value)
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, varint value: UInt64) {
        reserve(2 * WireWriter.longestVarint)
        put(varint: UInt64(number) << 3)
        put(varint: value)
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
        append(tag: UInt64(number) << 3 | 2, text: value)
    }

    @usableFromInline
    mutating func append(tag: UInt64, text value: String) {
        let isContiguous: Void? = value.utf8.withContiguousStorageIfAvailable {
            append(tag: tag, raw: UnsafeRawBufferPointer($0))
        }
        guard isContiguous == nil else { return }
        Array(value.utf8).withUnsafeBytes { append(tag: tag, raw: $0) }
    }

    @inlinable
    package mutating func field(_ number: Int, bytes value: [UInt8]) {
        guard !value.isEmpty else { return }
        alwaysField(number, bytes: value)
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, bytes value: [UInt8]) {
        value.withUnsafeBytes { append(tag: UInt64(number) << 3 | 2, raw: $0) }
    }

    @inlinable
    package mutating func alwaysField(_ number: Int, raw value: UnsafeRawBufferPointer) {
        append(tag: UInt64(number) << 3 | 2, raw: value)
    }

    @inlinable
    mutating func append(tag: UInt64, raw value: UnsafeRawBufferPointer) {
        reserve(2 * WireWriter.longestVarint + value.count)
        put(varint: tag)
        put(varint: UInt64(value.count))
        put(raw: value)
    }

    /// An identifier as 16 big-endian bytes; always written.
    @inlinable
    package mutating func field(_ number: Int, identifier value: UInt128) {
        reserve(WireWriter.longestVarint + 17)
        put(varint: UInt64(number) << 3 | 2)
        put(byte: 16)
        put(identifier: value)
    }

    @inlinable
    package mutating func field(_ number: Int, digest value: Digest) {
        value.withUnsafeBytes { append(tag: UInt64(number) << 3 | 2, raw: $0) }
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
        endMessage(lengthIndex)
    }

    /// A message whose end is not known yet: everything until `endMessage` is in it.
    ///
    /// - Returns: what `endMessage` wants.
    @inlinable
    package mutating func beginMessage(_ number: Int) -> Int {
        append(varint: UInt64(number) << 3 | 2)
        append(byte: 0)
        return count - 1
    }

    @inlinable
    package mutating func endMessage(_ lengthIndex: Int) {
        let length = count - lengthIndex - 1
        if length < 0x80 {
            base.storeBytes(
                of: UInt8(truncatingIfNeeded: length), toByteOffset: lengthIndex, as: UInt8.self)
        } else {
            widenLength(at: lengthIndex, to: length)
        }
    }

    /// Long values move up once by the few bytes that their length needs; no second buffer.
    @usableFromInline
    mutating func widenLength(at lengthIndex: Int, to length: Int) {
        let extra = (UInt64.bitWidth - UInt64(length).leadingZeroBitCount - 1) / 7
        reserve(extra)
        let body = base + lengthIndex + 1
        (body + extra).copyMemory(from: body, byteCount: length)
        let end = count + extra
        count = lengthIndex
        put(varint: UInt64(length))
        count = end
    }

    /// Packed `int32`/`uint32`/`uint64` list; left out when empty.
    @inlinable
    package mutating func field(_ number: Int, packed values: [UInt64]) {
        guard !values.isEmpty else { return }
        field(number) { writer in
            writer.reserve(values.count * WireWriter.longestVarint)
            for value in values { writer.put(varint: value) }
        }
    }
}

// MARK: - Raw

extension WireWriter {
    @inlinable
    package mutating func append(byte: UInt8) {
        reserve(1)
        put(byte: byte)
    }

    @inlinable
    package static func byteCount(ofVarint value: UInt64) -> Int {
        (UInt64.bitWidth - (value | 1).leadingZeroBitCount + 6) / 7
    }

    @inlinable
    package mutating func append(varint value: UInt64) {
        reserve(WireWriter.longestVarint)
        put(varint: value)
    }

    @inlinable
    package mutating func append(text: String) {
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable {
            append(raw: UnsafeRawBufferPointer($0))
        }
        guard isContiguous == nil else { return }
        Array(text.utf8).withUnsafeBytes { append(raw: $0) }
    }

    @inlinable
    package mutating func append(raw: UnsafeRawBufferPointer) {
        reserve(raw.count)
        put(raw: raw)
    }

    @inlinable
    package mutating func append(identifier: UInt128) {
        reserve(16)
        put(identifier: identifier)
    }

    /// Eight bytes, the least significant first.
    @inlinable
    package mutating func append(littleEndian value: UInt64) {
        reserve(8)
        base.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
        count &+= 8
    }

    /// A digest as its 64 lower-case digits.
    package mutating func append(hexadecimal digest: Digest) {
        reserve(2 * Digest.byteCount)
        digest.withUnsafeBytes { bytes in
            for byte in bytes {
                put(byte: Digest.digit(byte >> 4))
                put(byte: Digest.digit(byte & 15))
            }
        }
    }
}

// MARK: - Into room that was reserved

extension WireWriter {
    @inlinable @inline(__always)
    mutating func put(byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Into room for the longest one.
    @inlinable @inline(__always)
    mutating func put(varint value: UInt64) {
        if value < 0x80 {
            put(byte: UInt8(truncatingIfNeeded: value))
        } else {
            put(longVarint: value)
        }
    }

    @usableFromInline @inline(never)
    mutating func put(longVarint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(truncatingIfNeeded: rest))
    }

    @inlinable @inline(__always)
    mutating func put(raw: UnsafeRawBufferPointer) {
        guard let start = raw.baseAddress else { return }
        (base + count).copyMemory(from: start, byteCount: raw.count)
        count &+= raw.count
    }

    @inlinable @inline(__always)
    mutating func put(identifier: UInt128) {
        base.storeBytes(of: identifier.bigEndian, toByteOffset: count, as: UInt128.self)
        count &+= 16
    }
}
