internal import CLZ4

/// LZ4 block format, one block a frame.
///
/// Format: Schemas/log/FORMAT.md, Codecs. Source: lz4, lz4_Block_format.md.
package enum FrameCompression {
    /// Compresses into `destination` (at least as long as the source).
    ///
    /// - Returns: the compressed length, or `nil` when it would not be shorter than the source.
    package static func compress(
        _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
    ) -> Int? {
        invariant(source.count <= Int(Int32.max), "FrameCompression: longer than any payload")
        invariant(
            destination.count >= source.count, "FrameCompression: no room for what does not shrink")
        guard source.count > 16 else { return nil }
        // One byte less than the source: what does not fit in there is stored as it is.
        let count = LZ4_compress_default(
            source.baseAddress?.assumingMemoryBound(to: CChar.self),
            destination.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(source.count),
            Int32(min(destination.count, source.count - 1)))
        invariant(
            Int(count) < source.count, "FrameCompression: what is stored compressed is shorter")
        return count > 0 ? Int(count) : nil
    }

    /// Decompresses into exactly `destination.count` bytes, never writing beyond.
    ///
    /// - Throws: `.decompression` unless the block is well-formed and has that length.
    package static func decompress(
        _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
    ) throws(FrameDefect) {
        invariant(source.count <= Int(Int32.max), "FrameCompression: longer than any frame")
        invariant(
            destination.count <= Int(Int32.max), "FrameCompression: longer than any payload")
        let count = LZ4_decompress_safe(
            source.baseAddress?.assumingMemoryBound(to: CChar.self),
            destination.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(source.count),
            Int32(destination.count))
        guard Int(count) == destination.count else { throw .decompression }
    }

    /// Decompresses the first bytes of a longer block, never writing beyond `destination`.
    ///
    /// - Throws: `.decompression` unless that much of the block is well-formed.
    static func decompressBeginning(
        _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
    ) throws(FrameDefect) {
        invariant(source.count <= Int(Int32.max), "FrameCompression: longer than any frame")
        invariant(
            destination.count <= Int(Int32.max), "FrameCompression: longer than any payload")
        let count = LZ4_decompress_safe_partial(
            source.baseAddress?.assumingMemoryBound(to: CChar.self),
            destination.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(source.count),
            Int32(destination.count), Int32(destination.count))
        guard Int(count) == destination.count else { throw .decompression }
    }
}
