import DaybookCore
import Testing

private func written(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    body(&writer)
    return writer.bytes
}

private func read<Value>(
    _ bytes: [UInt8], _ body: (inout WireReader) throws -> Value
) rethrows -> Value {
    try bytes.withUnsafeBytes { buffer in
        var reader = WireReader(buffer)
        return try body(&reader)
    }
}

/// Reads the one field that the bytes hold.
private func readField<Value>(
    _ bytes: [UInt8], _ body: (inout WireReader, WireTag) throws -> Value
) throws -> Value {
    try read(bytes) { reader in
        let tag = try #require(try reader.nextTag())
        let value = try body(&reader, tag)
        #expect(reader.isAtEnd)
        return value
    }
}

@Suite struct `Varints` {
    @Test(
        arguments: [
            (0, [0x00]), (1, [0x01]), (127, [0x7F]), (128, [0x80, 0x01]), (300, [0xAC, 0x02]),
            (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 0x01]),
            (UInt64(UInt32.max), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
            (1 << 63, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
            (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
        ] as [(UInt64, [UInt8])])
    func `given a number, when written and read, then bytes and number are these`(
        number: UInt64, bytes: [UInt8]
    ) throws {
        #expect(written { $0.append(varint: number) } == bytes)
        #expect(try read(bytes) { try $0.varint() } == number)
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]])
    func `given more than 64 bits, when read, then the varint is overlong`(bytes: [UInt8]) {
        #expect(throws: WireError.overlongVarint) { try read(bytes) { try $0.varint() } }
    }

    @Test
    func `given a number with bytes that add nothing, when read, then it counts as protobuf does`()
        throws
    {
        #expect(try read([0x81, 0x80, 0x80, 0x00]) { try $0.varint() } == 1)
        let padded: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]
        #expect(try read(padded) { try $0.varint() } == 0)
    }

    @Test(arguments: [[], [0x80], [0xFF, 0xFF]] as [[UInt8]])
    func `given bytes that end inside a number, when read, then they are truncated`(bytes: [UInt8])
    {
        #expect(throws: WireError.truncated) { try read(bytes) { try $0.varint() } }
    }
}

@Suite struct `Wire values` {
    @Test(arguments: [0, 1, -1, 63, -64, .max, .min] as [Int64])
    func `given a signed number, when written both ways, then it reads back`(number: Int64) throws {
        let plain = written { $0.alwaysField(1, varint: UInt64(bitPattern: number)) }
        #expect(try readField(plain) { try $0.int64($1) } == number)
        guard number != 0 else { return }
        let zigzag = written { $0.field(1, zigzag: number) }
        #expect(try readField(zigzag) { try $0.zigzag($1) } == number)
    }

    @Test(
        arguments: [
            (-1, [0x08, 0x01]), (1, [0x08, 0x02]), (-2, [0x08, 0x03]),
            (Int64(Int32.min), [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        ] as [(Int64, [UInt8])])
    func `given a number, when written as zigzag, then small amounts of either sign are short`(
        number: Int64, bytes: [UInt8]
    ) {
        #expect(written { $0.field(1, zigzag: number) } == bytes)
    }

    @Test func `given a negative int32, when written, then it takes ten bytes as protobuf has it`()
        throws
    {
        let bytes = written { $0.field(1, int: -5) }
        #expect(
            bytes == [0x08, 0xFB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
        #expect(try readField(bytes) { try $0.int32($1) } == -5)
    }

    @Test func `given a number beyond 32 bits, when read as 32 bits, then the field is named`() {
        let bytes = written { $0.alwaysField(6, varint: 1 << 32) }
        #expect(throws: WireError.badValue(field: 6)) { try readField(bytes) { try $0.int32($1) } }
        #expect(throws: WireError.badValue(field: 6)) { try readField(bytes) { try $0.uint32($1) } }
    }

    @Test func `given zeros, when written, then nothing stands unless it always must`() {
        let bytes = written { writer in
            writer.field(1, varint: 0)
            writer.field(2, int: 0)
            writer.field(3, zigzag: 0)
            writer.field(4, bool: false)
            writer.field(5, text: "")
            writer.field(6, bytes: [])
            writer.field(7, packed: [UInt64]())
        }
        #expect(bytes.isEmpty)
        let always = written { writer in
            writer.alwaysField(1, varint: 0)
            writer.alwaysField(2, text: "")
            writer.alwaysField(3, bytes: [])
            writer.field(4) { _ in }
        }
        #expect(always == [0x08, 0x00, 0x12, 0x00, 0x1A, 0x00, 0x22, 0x00])
    }

    @Test func `given an identifier and a digest, when written, then they read back`() throws {
        let number: UInt128 = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF
        let bytes = written { $0.field(2, identifier: number) }
        #expect(
            bytes == [
                0x12, 0x10, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB,
                0xCC, 0xDD, 0xEE, 0xFF,
            ])
        #expect(try readField(bytes) { try $0.identifier($1) } == number)
        let digest = try #require(Digest((0..<32).map { UInt8($0 * 7) }))
        let other = written { $0.field(3, digest: digest) }
        #expect(try readField(other) { try $0.digest($1) } == digest)
        #expect(throws: WireError.badValue(field: 3)) {
            try readField(other) { try $0.identifier($1) }
        }
        #expect(throws: WireError.badValue(field: 2)) { try readField(bytes) { try $0.digest($1) } }
    }

    @Test func `given text that is not UTF-8, when read, then the field is named`() {
        #expect(throws: WireError.badValue(field: 1)) {
            try readField([0x0A, 0x02, 0xC3, 0x28]) { try $0.text($1) }
        }
    }

    @Test func `given fixed values, when read, then they are little-endian`() throws {
        #expect(try readField([0x0D, 1, 2, 3, 4]) { try $0.fixed32($1) } == 0x0403_0201)
        #expect(
            try readField([0x09, 1, 2, 3, 4, 5, 6, 7, 8]) { try $0.fixed64($1) }
                == 0x0807_0605_0403_0201)
        #expect(throws: WireError.truncated) { try readField([0x0D, 1, 2]) { try $0.fixed32($1) } }
        #expect(throws: WireError.truncated) { try readField([0x09, 1, 2]) { try $0.fixed64($1) } }
    }

    @Test func `given another wire type, when read, then the field is named`() {
        let text: [UInt8] = [0x0A, 0x01, 0x61]
        #expect(throws: WireError.wrongWireType(field: 1)) {
            try readField(text) { try $0.varint($1) }
        }
        #expect(throws: WireError.wrongWireType(field: 1)) {
            try readField(text) { try $0.bool($1) }
        }
        #expect(throws: WireError.wrongWireType(field: 1)) {
            try readField([0x08, 0x01]) { try $0.text($1) }
        }
        #expect(throws: WireError.wrongWireType(field: 1)) {
            try readField([0x08, 0x01]) { try $0.message($1) }
        }
        #expect(throws: WireError.wrongWireType(field: 1)) {
            try readField(text) { try $0.fixed64($1) }
        }
    }
}

@Suite struct `Wire structure` {
    @Test(arguments: [
        0, 1, 126, 127, 128, 129, 16_382, 16_383, 16_384, 16_385, 2_097_151, 2_097_152,
    ])
    func `given a message of this length, when nested, then its length is the shortest varint`(
        count: Int
    ) throws {
        let content = [UInt8](repeating: 0xAB, count: count)
        let nested = written { writer in
            writer.append(byte: 0xEE)
            writer.field(1) { inner in
                content.withUnsafeBytes { inner.append(raw: $0) }
            }
            writer.append(byte: 0xEE)
        }
        let expected = written { writer in
            writer.append(byte: 0xEE)
            writer.alwaysField(1, bytes: content)
            writer.append(byte: 0xEE)
        }
        #expect(nested == expected)
        let plain = Array(nested.dropFirst().dropLast())
        #expect(try readField(plain) { try $0.bytes($1) } == content)
    }

    @Test func `given messages in messages, when both lengths grow, then both are right`() throws {
        let text = String(repeating: "x", count: 126)
        let bytes = written { writer in
            writer.field(1) { middle in
                middle.field(2) { $0.field(3, text: text) }
            }
        }
        #expect(bytes.prefix(8) == [0x0A, 0x83, 0x01, 0x12, 0x80, 0x01, 0x1A, 0x7E])
        let found = try readField(bytes) { reader, tag in
            var middle = try reader.message(tag)
            let second = try #require(try middle.nextTag())
            var inner = try middle.message(second)
            let third = try #require(try inner.nextTag())
            return try inner.text(third)
        }
        #expect(found == text)
    }

    @Test func `given a packed list, when written, then numbers stand behind one tag`() {
        #expect(
            written { $0.field(4, packed: [3, 270, 86_942] as [UInt64]) }
                == [0x22, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05])
    }

    @Test(
        arguments: [
            ([0x08], 1, 0), ([0x12], 2, 2), ([0x0D], 1, 5), ([0x09], 1, 1),
            ([0xF8, 0xFF, 0xFF, 0xFF, 0x0F], 536_870_911, 0),
        ] as [([UInt8], Int, UInt8)])
    func `given a tag, when read, then number and wire type are these`(
        bytes: [UInt8], field: Int, wireType: UInt8
    ) throws {
        #expect(
            try read(bytes) { try $0.nextTag() } == WireTag(field: field, wireType: wireType))
    }

    @Test(
        arguments: [
            [0x00], [0x02], [0x0B], [0x0C], [0x0E], [0x0F], [0x80, 0x80, 0x80, 0x80, 0x10],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]])
    func `given a bad tag, when read, then it is refused`(bytes: [UInt8]) {
        #expect(throws: WireError.badTag) { try read(bytes) { try $0.nextTag() } }
    }

    @Test(
        arguments: [
            [0x0A, 0x01], [0x0A, 0x80], [0x0A, 0x05, 1, 2, 3, 4],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x0A],
        ] as [[UInt8]])
    func `given a length beyond the end, when read or skipped, then it is truncated`(bytes: [UInt8])
    {
        #expect(throws: WireError.truncated) { try readField(bytes) { try $0.bytes($1) } }
        #expect(throws: WireError.truncated) { try readField(bytes) { try $0.skip($1) } }
    }

    @Test func `given fields of every wire type, when skipped, then the next one is found`() throws
    {
        let bytes: [UInt8] = [
            0x08, 0xFF, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1A, 0x02, 9, 9, 0x25, 1, 2, 3, 4,
            0x28, 7,
        ]
        let fields = try read(bytes) { reader in
            var fields: [Int] = []
            while let tag = try reader.nextTag() {
                fields.append(tag.field)
                try reader.skip(tag)
            }
            return fields
        }
        #expect(fields == [1, 2, 3, 4, 5])
        #expect(throws: WireError.truncated) { try readField([0x11, 1]) { try $0.skip($1) } }
        #expect(throws: WireError.truncated) { try readField([0x15, 1]) { try $0.skip($1) } }
        #expect(throws: WireError.truncated) { try readField([0x08]) { try $0.skip($1) } }
    }

    @Test func `given no bytes, when read, then there is no tag`() throws {
        #expect(try read([]) { try $0.nextTag() } == nil)
        var reader = WireReader(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(try reader.nextTag() == nil)
        #expect(reader.remainingByteCount == 0)
    }

    @Test func `given a writer, when emptied, then it writes from the start`() {
        var writer = WireWriter()
        writer.field(1, text: "a")
        #expect(writer.byteCount == 3)
        writer.removeAll()
        writer.field(1, varint: 1)
        #expect(writer.bytes == [0x08, 0x01])
    }

    @Test func `given random bytes, when read to the end, then there is an error or the end`() {
        var generator = SeededGenerator.fromEnvironment(for: "random wire bytes")
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            do {
                try read(bytes) { reader in
                    while let tag = try reader.nextTag() { try reader.skip(tag) }
                    #expect(reader.isAtEnd)
                }
            } catch {
                #expect(error is WireError)
            }
        }
    }
}

@Suite struct `Room of a wire writer` {
    /// Every way to write, each of them long enough not to fit what is left.
    private static func fill(_ writer: inout WireWriter) {
        let digest = Digest(Array(0..<32))!
        for number in [1, 15, 16, 2_047] {
            writer.field(number, varint: .max)
            writer.field(number, varint: 1)
            writer.field(number, identifier: UInt128.max - 1)
            writer.field(number, text: String(repeating: "ä", count: number))
            writer.field(number, bytes: [UInt8](repeating: 7, count: number))
            writer.field(number, digest: digest)
            writer.field(number, packed: (0..<UInt64(number)).map { $0 << 50 })
            writer.field(number) { message in
                message.field(1, text: String(repeating: "x", count: 20 * number))
                message.field(2) { $0.append(zigzag: -1) }
            }
        }
        writer.append(hexadecimal: digest)
        writer.append(littleEndian: 0x0102_0304_0506_0708)
        writer.append(raw: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    @Test(arguments: Array(0...100) + [1_000, 50_000])
    func `given any capacity, when written, then the bytes are the same`(capacity: Int) {
        var ample = WireWriter(capacity: 1 << 20)
        Self.fill(&ample)
        var writer = WireWriter(capacity: capacity)
        Self.fill(&writer)
        let (bytes, expected) = (writer.bytes, ample.bytes)
        #expect(bytes == expected)
    }

    @Test func `given a digest, when written as digits, then they are those of its text`() {
        let digest = Digest(Array(200..<232))!
        #expect(written { $0.append(hexadecimal: digest) } == Array(digest.description.utf8))
    }
}
