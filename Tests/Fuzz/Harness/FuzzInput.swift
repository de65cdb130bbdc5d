/// Takes an input apart from the front; gives zeros behind its end.
struct FuzzInput {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func number16() -> Int { Int(byte()) | Int(byte()) << 8 }

    /// At most `most` bytes, copied, so that reading behind them is noticed.
    mutating func bytes(most: Int) -> [UInt8] {
        let end = min(bytes.count, offset + most)
        defer { offset = end }
        return Array(bytes[min(offset, end)..<end])
    }

    mutating func rest() -> [UInt8] { bytes(most: .max - offset) }
}
