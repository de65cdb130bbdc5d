import DaybookCore

/// Short records in large chunks of bytes: no allocation of its own for any of them, and 32 bits say where
/// one is.
///
/// ```
/// 16 bytes  identifier, as this machine lays it out
/// varint    byte count of the content
/// …         content
/// 0 to 3    zeros, so that every record begins at a multiple of four
/// ```
struct RecordSlab: Sendable {
    private struct Chunk: Sendable {
        var bytes: [UInt8] = []
        var usedByteCount = 0
    }

    private var chunks: [Chunk] = []
    /// Numbers of chunks that were given back.
    private var freeChunks: [Int] = []
    /// The chunk that grows.
    private var newest: Int?
    private var usedByteCount = 0
    private var byteCount = 0
    private let chunkByteCount: Int

    private static let identifierByteCount = 16
    /// Multiples of four bytes, so many bits of them inside of a chunk.
    private static let offsetBits: UInt32 = 16
    private static let chunkLimit = 1 << 16 - 1

    /// - Parameter chunkByteCount: at most 256 KiB.
    init(chunkByteCount: Int = 1 << 18) {
        precondition(chunkByteCount <= 1 << 18, "RecordSlab: a place cannot name what lies beyond")
        self.chunkByteCount = chunkByteCount
    }

    /// Whether there is a place for one more: chunks hold 16 GiB together.
    var hasRoom: Bool { chunks.count < RecordSlab.chunkLimit || !freeChunks.isEmpty }

    /// - Precondition: there is room.
    mutating func append(_ identifier: UInt128, _ content: UnsafeRawBufferPointer) -> UInt32 {
        let byteCount = RecordSlab.byteCount(ofContent: content.count)
        let chunk = chunk(for: byteCount)
        let start = chunks[chunk].bytes.count
        withUnsafeBytes(of: identifier) { chunks[chunk].bytes.append(contentsOf: $0) }
        var rest = content.count
        while rest >= 0x80 {
            chunks[chunk].bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        chunks[chunk].bytes.append(UInt8(rest))
        chunks[chunk].bytes.append(contentsOf: content)
        while chunks[chunk].bytes.count < start + byteCount { chunks[chunk].bytes.append(0) }
        chunks[chunk].usedByteCount += byteCount
        usedByteCount += byteCount
        self.byteCount += byteCount
        return UInt32(chunk) << RecordSlab.offsetBits | UInt32(start / 4)
    }

    /// Forgets a record; its chunk is given back with the last one of it.
    mutating func remove(_ place: UInt32) {
        let (chunk, start) = RecordSlab.position(place)
        let byteCount = RecordSlab.byteCount(
            ofContent: chunks[chunk].bytes.withUnsafeBytes {
                RecordSlab.content(in: $0, start).count
            })
        usedByteCount -= byteCount
        chunks[chunk].usedByteCount -= byteCount
        guard chunks[chunk].usedByteCount == 0 else { return }
        self.byteCount -= chunks[chunk].bytes.count
        if chunk == newest {
            chunks[chunk].bytes.removeAll(keepingCapacity: true)
        } else {
            chunks[chunk] = Chunk()
            freeChunks.append(chunk)
        }
    }

    func identifier(at place: UInt32) -> UInt128 {
        let (chunk, start) = RecordSlab.position(place)
        return chunks[chunk].bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: start, as: UInt128.self)
        }
    }

    func withContent<Result>(
        at place: UInt32, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let (chunk, start) = RecordSlab.position(place)
        return chunks[chunk].bytes.withUnsafeBytes { body(RecordSlab.content(in: $0, start)) }
    }

    /// Reads a content.
    func read<Result>(
        at place: UInt32, _ body: (inout WireReader) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        let result = withContent(at: place) { content -> Swift.Result<Result, WireError> in
            var reader = WireReader(content)
            do throws(WireError) { return .success(try body(&reader)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

// MARK: - Moving

extension RecordSlab {
    /// Whether more than half of all bytes are of records that were removed.
    var isMostlyFree: Bool {
        byteCount > 4 * chunkByteCount && usedByteCount * 2 < byteCount && hasRoom
    }

    /// Moves what is still needed out of the chunk with the least of it.
    ///
    /// - Parameter isNeeded: whether the record of this identifier is the one at this place.
    /// - Returns: what was moved.
    /// - Complexity: O(bytes of a chunk), and O(chunks).
    mutating func emptyOneChunk(isNeeded: (UInt128, UInt32) -> Bool) -> [Move] {
        var least: Int?
        for chunk in chunks.indices where chunk != newest && !chunks[chunk].bytes.isEmpty {
            if least.map({ chunks[chunk].usedByteCount < chunks[$0].usedByteCount }) ?? true {
                least = chunk
            }
        }
        guard let least else { return [] }
        let old = chunks[least]
        usedByteCount -= old.usedByteCount
        byteCount -= old.bytes.count
        chunks[least] = Chunk()
        var moves: [Move] = []
        old.bytes.withUnsafeBytes { bytes in
            RecordSlab.forEachRecord(in: bytes, of: least) { identifier, place, range in
                guard isNeeded(identifier, place) else { return }
                let content = RecordSlab.content(in: bytes, range.lowerBound)
                moves.append(
                    Move(identifier: identifier, from: place, to: append(identifier, content)))
            }
        }
        freeChunks.append(least)
        return moves
    }

    struct Move {
        let identifier: UInt128
        let from: UInt32
        let to: UInt32
    }

    private mutating func chunk(for byteCount: Int) -> Int {
        if let newest, chunks[newest].bytes.count + byteCount <= chunkByteCount { return newest }
        let former = newest
        let chunk: Int
        if let free = freeChunks.popLast() {
            chunk = free
        } else {
            precondition(chunks.count < RecordSlab.chunkLimit, "RecordSlab: there is no room")
            chunk = chunks.count
            chunks.append(Chunk())
        }
        chunks[chunk].bytes.reserveCapacity(max(chunkByteCount, byteCount))
        newest = chunk
        // Emptied while it was the newest.
        if let former, chunks[former].usedByteCount == 0 {
            chunks[former] = Chunk()
            freeChunks.append(former)
        }
        return chunk
    }

    private static func position(_ place: UInt32) -> (chunk: Int, start: Int) {
        (Int(place >> offsetBits), Int(place & (1 << offsetBits - 1)) * 4)
    }

    private static func byteCount(ofContent count: Int) -> Int {
        var byteCount = identifierByteCount + 1 + count
        var rest = count >> 7
        while rest > 0 {
            byteCount += 1
            rest >>= 7
        }
        return (byteCount + 3) & ~3
    }

    private static func forEachRecord(
        in bytes: UnsafeRawBufferPointer, of chunk: Int,
        _ body: (_ identifier: UInt128, _ place: UInt32, _ range: Range<Int>) -> Void
    ) {
        var start = 0
        while start < bytes.count {
            let end = start + byteCount(ofContent: content(in: bytes, start).count)
            body(
                bytes.loadUnaligned(fromByteOffset: start, as: UInt128.self),
                UInt32(chunk) << offsetBits | UInt32(start / 4), start..<end)
            start = end
        }
    }

    private static func content(
        in bytes: UnsafeRawBufferPointer, _ start: Int
    ) -> UnsafeRawBufferPointer {
        var offset = start + identifierByteCount
        var count = 0
        var shift = 0
        while true {
            let byte = bytes[offset]
            offset += 1
            count |= Int(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}

// MARK: - Image

extension RecordSlab {
    /// Writes every chunk as one field: its records, without those that were removed.
    ///
    /// - Parameter fieldEnded: see ``Shop/encodeImage(into:fieldEnded:)``.
    func encodeImage(
        field number: Int, into writer: inout WireWriter,
        fieldEnded: (inout WireWriter) -> Void = { _ in }, isNeeded: (UInt128, UInt32) -> Bool
    ) {
        for (chunk, content) in chunks.enumerated() where content.usedByteCount > 0 {
            content.bytes.withUnsafeBytes { bytes in
                writer.field(number) { writer in
                    var runStart = 0
                    RecordSlab.forEachRecord(in: bytes, of: chunk) { identifier, place, range in
                        guard !isNeeded(identifier, place) else { return }
                        writer.append(raw: bytes, runStart..<range.lowerBound)
                        runStart = range.upperBound
                    }
                    writer.append(raw: bytes, runStart..<bytes.count)
                }
            }
            fieldEnded(&writer)
        }
    }

    /// Adds a chunk of an image and visits its records.
    ///
    /// - Throws: ``WireError`` for bytes that are no records.
    mutating func addImage(
        chunk bytes: UnsafeRawBufferPointer, _ visit: (UInt128, UInt32) -> Void
    ) throws(WireError) {
        guard hasRoom, RecordSlab.isSound(bytes) else { throw .truncated }
        let chunk = chunks.count
        chunks.append(Chunk(bytes: Array(bytes), usedByteCount: bytes.count))
        usedByteCount += bytes.count
        byteCount += bytes.count
        // The last one is filled further, or each restart would leave one that is not full.
        newest = chunk
        RecordSlab.forEachRecord(in: bytes, of: chunk) { identifier, place, _ in
            visit(identifier, place)
        }
    }

    /// Whether the bytes are records, one behind the other, each where a place can name it.
    private static func isSound(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        while start < bytes.count {
            guard start / 4 < 1 << offsetBits, bytes.count - start > identifierByteCount else {
                return false
            }
            var reader = WireReader(
                UnsafeRawBufferPointer(rebasing: bytes[(start + identifierByteCount)...]))
            guard let content = try? reader.delimited() else { return false }
            let byteCount = byteCount(ofContent: content.count)
            // A length that is longer than it need be would make a longer record.
            let isShortest =
                (bytes.count - reader.remainingByteCount - start + 3) & ~3 == byteCount
            guard isShortest, start + byteCount <= bytes.count else { return false }
            start += byteCount
        }
        return true
    }
}

extension WireWriter {
    fileprivate mutating func append(raw bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        append(raw: UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
}
