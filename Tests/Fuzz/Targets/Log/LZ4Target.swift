@testable internal import DaybookLog

/// LZ4 blocks. First byte even: the rest is a block of the raw length in the next three bytes; odd:
/// the rest is compressed and must come back.
enum LZ4Target {
    nonisolated(unsafe) private static let scratch = GrowingBuffer(capacity: 1 << 20)

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 5 else { return }
        // Copies, so that reading behind the end is noticed.
        let rest = Array(input[4...])
        if input[0] & 1 == 0 {
            let raw = Int(input[1]) | Int(input[2]) << 8 | Int(input[3]) << 16
            // What a frame's header would allow.
            decompress(rest, rawByteCount: min(raw, 255 * rest.count + 64))
        } else {
            compress(rest)
        }
    }

    /// Both decoders must agree on what they accept.
    private static func decompress(_ block: [UInt8], rawByteCount: Int) {
        let target = scratch.scratch(rawByteCount)
        let isRight = block.withUnsafeBytes { block in
            (try? FrameCompression.decompress(block, into: target)) != nil
        }
        let beginnings = [1, rawByteCount / 2, rawByteCount - 1].filter {
            0 < $0 && $0 < rawByteCount
        }
        .map { (count: $0, bytes: beginning(of: block, byteCount: $0)) }
        guard isRight else { return }
        // liblz4 accepts a distance of 0, which the format forbids, and leaves the match undefined. The
        // chain covers stored bytes, so only who wrote the log can have done it.
        guard !NaiveLZ4.hasZeroDistance(block, limit: rawByteCount) else { return }
        let naive = NaiveLZ4.decompress(block, limit: rawByteCount)
        require(naive?.count == rawByteCount, "a malformed block was decompressed")
        require(naive?.elementsEqual(target) ?? false, "two decoders read a block differently")
        for (count, bytes) in beginnings {
            require(
                bytes?.elementsEqual(target.prefix(count)) ?? false,
                "a beginning is not that of the whole")
        }
    }

    /// In memory of exactly that size, so that writing behind it is noticed.
    private static func beginning(of block: [UInt8], byteCount: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let isThere = block.withUnsafeBytes { block in
            bytes.withUnsafeMutableBytes { room in
                (try? FrameCompression.decompressBeginning(block, into: room)) != nil
            }
        }
        return isThere ? bytes : nil
    }

    private static func compress(_ raw: [UInt8]) {
        let target = scratch.scratch(raw.count)
        guard
            let count = raw.withUnsafeBytes({ FrameCompression.compress($0, into: target) })
        else { return }
        require(count < raw.count, "compression made it longer")
        let block = Array(target[..<count])
        require(NaiveLZ4.decompress(block, limit: raw.count) == raw, "what was compressed is lost")
    }
}

/// The block format by its description, byte by byte. Source: lz4, lz4_Block_format.md.
enum NaiveLZ4 {
    /// `nil` when the block is malformed or longer than `limit`.
    static func decompress(_ block: [UInt8], limit: Int) -> [UInt8]? {
        var isZero = false
        return decompress(block, limit: limit, &isZero)
    }

    /// Whether the first thing that is wrong is a match that begins where it ends.
    static func hasZeroDistance(_ block: [UInt8], limit: Int) -> Bool {
        var isZero = false
        _ = decompress(block, limit: limit, &isZero)
        return isZero
    }

    private static func decompress(_ block: [UInt8], limit: Int, _ hasZeroDistance: inout Bool)
        -> [UInt8]?
    {
        var raw: [UInt8] = []
        raw.reserveCapacity(limit)
        var index = 0
        while index < block.count {
            let token = block[index]
            index += 1
            guard let literals = length(Int(token >> 4), block, &index),
                literals <= block.count - index, literals <= limit - raw.count
            else { return nil }
            raw += block[index..<index + literals]
            index += literals
            if index == block.count { return raw }
            guard index + 2 <= block.count else { return nil }
            let distance = Int(block[index]) | Int(block[index + 1]) << 8
            index += 2
            hasZeroDistance = distance == 0
            guard distance > 0, distance <= raw.count,
                let match = length(Int(token & 15), block, &index), match + 4 <= limit - raw.count
            else { return nil }
            for _ in 0..<match + 4 { raw.append(raw[raw.count - distance]) }
        }
        return nil
    }

    private static func length(_ first: Int, _ block: [UInt8], _ index: inout Int) -> Int? {
        guard first == 15 else { return first }
        var length = 15
        while index < block.count {
            length += Int(block[index])
            index += 1
            if block[index - 1] != 255 { return length }
        }
        return nil
    }
}
