/// A source of bytes for the readers, from text in memory.
final class ChunkedText {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - index)
        buffer.copyBytes(from: bytes[index..<index + count])
        index += count
        return count
    }
}
