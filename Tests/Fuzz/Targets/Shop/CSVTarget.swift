internal import DaybookCore

/// An order history; the first byte is how much is read at a time, which must make no difference.
enum CSVTarget {
    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 1 else { return }
        let header = Array((OrderHistory.columns.joined(separator: ",") + "\n").utf8)
        let bytes = header + input[1...]
        let whole = read(bytes, chunkByteCount: 1 << 16)
        let pieces = read(bytes, chunkByteCount: 1 + Int(input[0]))
        require(
            whole?.rows.count == pieces?.rows.count, "rows depend on how much is read at a time")
        require(
            whole?.malformedRows.count == pieces?.malformedRows.count,
            "rejected rows depend on how much is read at a time")
        require(
            whole?.contentName == pieces?.contentName,
            "the content's name depends on how much is read at a time")
        guard let whole, let pieces else { return }
        for (one, other) in zip(whole.rows, pieces.rows) {
            require(
                one.byteOffset == other.byteOffset && one.byteCount == other.byteCount
                    && one.quantity == other.quantity && one.priceMinor == other.priceMinor
                    && one.flaw == other.flaw,
                "a row depends on how much is read at a time")
        }
    }

    private static func read(_ bytes: [UInt8], chunkByteCount: Int) -> OrderHistory? {
        var offset = 0
        return try? OrderHistoryReader.read(chunkByteCount: chunkByteCount) { buffer in
            let count = min(buffer.count, bytes.count - offset)
            buffer.copyBytes(from: bytes[offset..<offset + count])
            offset += count
            return count
        }
    }
}
