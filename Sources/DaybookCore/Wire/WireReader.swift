/// What is wrong with bytes that should be protobuf.
@usableFromInline
package enum WireError: Error, Hashable, Sendable {
    /// The bytes end inside a value.
    case truncated
    /// A varint of more than ten bytes, or beyond 64 bits.
    case overlongVarint
    /// Field number 0, or a wire type that is not 0, 1, 2 or 5.
    case badTag
    /// A field has another wire type than its schema says.
    case wrongWireType(field: Int)
    /// A value that the field's type does not allow.
    case badValue(field: Int)
    /// A field that must be there is missing.
    case missing(field: Int)
}

/// Reads protobuf wire format in place.
///
/// Every length is checked against the end before it is used, so malformed bytes give a `WireError`
/// and never a trap. The reader does not own the memory: it is valid inside the closure that lent it.
///
/// Its members are inlined into the decoders of other modules, which consist of these calls. For that a
/// `package` type must be `@usableFromInline` itself (ADR 0021).
@usableFromInline
package struct WireReader {
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any non-nil pointer with an equal end will do.
        cursor = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        end = cursor + bytes.count
    }

    @inlinable package var isAtEnd: Bool { cursor == end }
    @inlinable package var remainingByteCount: Int { end - cursor }
}

/// The number and wire type in front of a value.
@usableFromInline
package struct WireTag: Hashable {
    @usableFromInline package var field: Int
    @usableFromInline package var wireType: UInt8

    @inlinable
    package init(field: Int, wireType: UInt8) {
        self.field = field
        self.wireType = wireType
    }
}

// Tags and lengths are nearly always one byte; that way is short enough to stand in every decoder, the
// other one is called.
extension WireReader {
    /// The next tag, or `nil` at the end.
    @inlinable @inline(__always)
    package mutating func nextTag() throws(WireError) -> WireTag? {
        guard cursor != end else { return nil }
        let first = cursor.load(as: UInt8.self)
        guard first < 0x80 else { return try tag(try longVarint()) }
        cursor += 1
        return try tag(UInt64(first))
    }

    @inlinable @inline(__always)
    func tag(_ raw: UInt64) throws(WireError) -> WireTag {
        let wireType = UInt8(truncatingIfNeeded: raw & 7)
        // Bits 0, 1, 2 and 5: the wire types that there are.
        guard raw >> 3 != 0, raw >> 3 <= 0x1FFF_FFFF, 0b10_0111 >> wireType & 1 == 1 else {
            throw .badTag
        }
        return WireTag(field: Int(truncatingIfNeeded: raw >> 3), wireType: wireType)
    }

    @inlinable @inline(__always)
    package mutating func varint() throws(WireError) -> UInt64 {
        guard cursor != end else { throw .truncated }
        let first = cursor.load(as: UInt8.self)
        guard first < 0x80 else { return try longVarint() }
        cursor += 1
        return UInt64(first)
    }

    @usableFromInline @inline(never)
    mutating func longVarint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while cursor != end {
            let byte = cursor.load(as: UInt8.self)
            cursor += 1
            guard shift < 63 || byte <= 1 else { throw .overlongVarint }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift <= 63 else { throw .overlongVarint }
        }
        throw .truncated
    }

    /// The bytes of a length-delimited value, in place.
    @inlinable @inline(__always)
    package mutating func delimited() throws(WireError) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(remainingByteCount) else { throw .truncated }
        let value = UnsafeRawBufferPointer(start: cursor, count: Int(length))
        cursor += Int(length)
        return value
    }

    /// So many bytes, in place.
    @inlinable
    package mutating func raw(_ byteCount: Int) throws(WireError) -> UnsafeRawBufferPointer {
        guard byteCount <= remainingByteCount else { throw .truncated }
        defer { cursor += byteCount }
        return UnsafeRawBufferPointer(start: cursor, count: byteCount)
    }

    /// A little-endian value of four bytes.
    @inlinable
    package mutating func fixed32(_ tag: WireTag) throws(WireError) -> UInt32 {
        guard tag.wireType == 5 else { throw .wrongWireType(field: tag.field) }
        guard remainingByteCount >= 4 else { throw .truncated }
        defer { cursor += 4 }
        return UInt32(littleEndian: cursor.loadUnaligned(as: UInt32.self))
    }

    /// A little-endian value of eight bytes.
    @inlinable
    package mutating func fixed64(_ tag: WireTag) throws(WireError) -> UInt64 {
        guard tag.wireType == 1 else { throw .wrongWireType(field: tag.field) }
        guard remainingByteCount >= 8 else { throw .truncated }
        defer { cursor += 8 }
        return UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self))
    }

    /// Skips a value of a field that the reader does not know.
    package mutating func skip(_ tag: WireTag) throws(WireError) {
        switch tag.wireType {
        case 0: _ = try varint()
        case 2: _ = try delimited()
        default:
            let byteCount = tag.wireType == 1 ? 8 : 4
            guard remainingByteCount >= byteCount else { throw .truncated }
            cursor += byteCount
        }
    }
}

// MARK: - Typed values

extension WireReader {
    @inlinable
    package mutating func varint(_ tag: WireTag) throws(WireError) -> UInt64 {
        guard tag.wireType == 0 else { throw .wrongWireType(field: tag.field) }
        return try varint()
    }

    @inlinable
    package mutating func int64(_ tag: WireTag) throws(WireError) -> Int64 {
        Int64(bitPattern: try varint(tag))
    }

    /// An `int32`, sign-extended to 64 bits on the wire; other values are malformed.
    @inlinable
    package mutating func int32(_ tag: WireTag) throws(WireError) -> Int32 {
        guard let value = Int32(exactly: try int64(tag)) else { throw .badValue(field: tag.field) }
        return value
    }

    @inlinable
    package mutating func uint32(_ tag: WireTag) throws(WireError) -> UInt32 {
        guard let value = UInt32(exactly: try varint(tag)) else {
            throw .badValue(field: tag.field)
        }
        return value
    }

    @inlinable
    package mutating func zigzag(_ tag: WireTag) throws(WireError) -> Int64 {
        WireReader.zigzag(try varint(tag))
    }

    /// The same without a tag.
    @inlinable
    package mutating func zigzag() throws(WireError) -> Int64 { WireReader.zigzag(try varint()) }

    @inlinable
    static func zigzag(_ raw: UInt64) -> Int64 {
        Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    @inlinable
    package mutating func bool(_ tag: WireTag) throws(WireError) -> Bool {
        try varint(tag) != 0
    }

    @inlinable
    package mutating func delimited(_ tag: WireTag) throws(WireError) -> UnsafeRawBufferPointer {
        guard tag.wireType == 2 else { throw .wrongWireType(field: tag.field) }
        return try delimited()
    }

    package mutating func text(_ tag: WireTag) throws(WireError) -> String {
        guard let text = String(utf8: try delimited(tag)) else {
            throw .badValue(field: tag.field)
        }
        return text
    }

    package mutating func bytes(_ tag: WireTag) throws(WireError) -> [UInt8] {
        Array(try delimited(tag))
    }

    @inlinable
    package mutating func identifier(_ tag: WireTag) throws(WireError) -> UInt128 {
        let value = try delimited(tag)
        guard value.count == 16 else { throw .badValue(field: tag.field) }
        return WireReader.identifier(from: value)
    }

    @inlinable
    package mutating func digest(_ tag: WireTag) throws(WireError) -> Digest {
        let value = try delimited(tag)
        guard value.count == Digest.byteCount else { throw .badValue(field: tag.field) }
        return Digest(bytes: value)
    }

    /// A reader over an embedded message.
    @inlinable
    package mutating func message(_ tag: WireTag) throws(WireError) -> WireReader {
        WireReader(try delimited(tag))
    }

    /// - Precondition: exactly 16 bytes.
    @inlinable
    package static func identifier(from bytes: UnsafeRawBufferPointer) -> UInt128 {
        precondition(bytes.count == 16, "WireReader: an identifier has 16 bytes")
        return UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
    }
}
