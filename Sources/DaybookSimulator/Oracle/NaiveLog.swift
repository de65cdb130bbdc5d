/// A whole log, read and checked by the letter of `Schemas/log/FORMAT.md` alone.
///
/// Everything is kept and recomputed from the beginning, in the simplest way that is right.
package struct NaiveLog {
    package struct Frame: Hashable, Sendable {
        package var segment: UInt64
        package var byteRange: Range<Int>
        package var kind: UInt8
        /// Numbers of its batches; empty for seals and notes.
        package var batches: Range<UInt64>
    }

    package private(set) var batches: [NaiveBatch] = []
    package private(set) var frames: [Frame] = []
    /// After the last frame.
    package private(set) var chain: [UInt8] = []
    /// Where the frames of the last segment end, and whether it is sealed.
    package private(set) var end = 0
    package private(set) var isSealed = false
    package private(set) var segmentCount: UInt64 = 0
    private var leaves: [[UInt8]] = []
    private var nextFrame: UInt64 = 1
    private var nextBatch: UInt64 = 1
    private var nextPosition: UInt64 = 1
    private var time = Int64.min
    private var epoch: UInt32 = 0
    private var sealDigest = [UInt8](repeating: 0, count: 32)
    private var logID: [UInt8]?
    private var salt: [UInt8]?

    /// Reads the segments of a directory.
    ///
    /// - Parameters:
    ///   - names: the files that are there.
    ///   - content: the bytes of one.
    /// - Throws: ``NaiveDefect`` at the first thing that is not as the format says.
    package init(names: [String], content: (String) -> [UInt8]) throws(NaiveDefect) {
        let segments = names.filter { $0.hasPrefix("log-") && $0.hasSuffix(".seg") }.sorted()
        for (index, name) in segments.enumerated() {
            guard UInt64(name.dropFirst(4).dropLast(4)) == UInt64(index + 1) else {
                throw NaiveDefect("\(name) stands where segment \(index + 1) should be")
            }
            let bytes = content(name)
            let result = bytes.withUnsafeBytes { bytes -> Result<NaiveLog, NaiveDefect> in
                var log = self
                do throws(NaiveDefect) {
                    try log.take(
                        NaiveBytes(bytes: bytes), number: UInt64(index + 1),
                        isLast: index == segments.count - 1)
                    return .success(log)
                } catch {
                    return .failure(NaiveDefect("\(name): \(error)"))
                }
            }
            self = try result.get()
        }
    }

    private func check(_ holds: Bool, _ what: @autoclosure () -> String) throws(NaiveDefect) {
        guard holds else { throw NaiveDefect(what()) }
    }
}

// MARK: - Segments

extension NaiveLog {
    private mutating func take(_ file: NaiveBytes, number: UInt64, isLast: Bool)
        throws(NaiveDefect)
    {
        let header = try file.slice(0, 4096)
        try checkHeader(header, number)
        segmentCount = number
        let length = Int(header.u64(328))
        let tag = Array(
            NaiveBytes.sha256(header.digest(416) + bytes(of: number))[..<4])
        var segment = SegmentSoFar(
            headerDigest: NaiveBytes.sha256([3], header.bytes), headerBytes: Array(header.bytes))
        var at = 4096
        isSealed = false
        while at < file.count, !isSealed, file.bytes[at] != 0 {
            at = try takeFrame(file, at, tag: tag, number: number, &segment)
        }
        end = at
        if isSealed {
            try check(file.count == at + 64, "a sealed file of \(file.count), not \(at + 64) bytes")
            try checkTrailer(try file.slice(at, 64), number, segment)
            sealDigest = NaiveBytes.sha256(
                [5], try file.slice(segment.sealOffset, file.count - segment.sealOffset).bytes)
        } else {
            try check(isLast, "not sealed although another segment follows")
            try check(file.count == length, "has \(file.count) bytes, its header says \(length)")
            try check(try file.slice(at, file.count - at).isZero, "bytes behind the end at \(at)")
        }
    }

    private mutating func checkHeader(_ header: NaiveBytes, _ number: UInt64)
        throws(NaiveDefect)
    {
        try check(header.u32(4092) == (try header.slice(0, 4092)).crc, "header CRC")
        let text = "Daybook log segment, format "
        try check(header.bytes.starts(with: text.utf8), "header text")
        try check(
            header.bytes[248..<256].elementsEqual([0x89, 0x44, 0x42, 0x4B, 0x0D, 0x0A, 0x1A, 0x0A]),
            "sentinel")
        try check(header.u16(256) == 1 && header.u16(258) == 0, "format")
        try check(header.u32(260) == 4096, "header length")
        let identifier = Array(header.bytes[264..<280])
        try check(logID == nil || logID == identifier, "log id")
        try check(header.u64(280) == number, "segment number")
        try check(header.u64(288) == nextFrame, "first frame number")
        try check(header.u64(296) == nextBatch, "first batch number")
        try check(header.u64(304) == nextPosition, "first position")
        if number == 1 {
            chain = NaiveBytes.sha256(Array("daybook log genesis 1\n".utf8) + identifier)
        }
        try check(header.digest(352) == chain, "chain at the start")
        try check(header.digest(384) == sealDigest, "previous seal")
        try check(salt == nil || salt == header.digest(416), "salt")
        try check((try header.slice(448, 3644)).isZero, "reserved bytes")
        logID = identifier
        salt = header.digest(416)
    }

    private func bytes(of number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private func checkTrailer(_ trailer: NaiveBytes, _ number: UInt64, _ segment: SegmentSoFar)
        throws(NaiveDefect)
    {
        try check(trailer.bytes.starts(with: "DBKTRAIL".utf8), "trailer magic")
        try check(Array(trailer.bytes[8..<24]) == logID, "trailer log id")
        try check(trailer.u64(24) == number, "trailer segment")
        try check(trailer.u64(32) == UInt64(segment.sealOffset), "trailer seal offset")
        try check(trailer.u64(40) == UInt64(end - segment.sealOffset), "trailer seal length")
        try check(trailer.u64(48) == UInt64(end + 64), "trailer file length")
        try check(trailer.u32(60) == (try trailer.slice(0, 60)).crc, "trailer CRC")
    }
}

// MARK: - Frames

/// What a seal must say.
private struct SegmentSoFar {
    var headerDigest: [UInt8]
    var headerBytes: [UInt8]
    var frames: UInt64 = 0
    var batches: UInt64 = 0
    var events: UInt64 = 0
    var raw: UInt64 = 0
    var stored: UInt64 = 0
    var firstTime: Int64 = 0
    var lastTime: Int64 = 0
    var entries: [[UInt64]] = []
    var sealOffset = 0
}

extension NaiveLog {
    private mutating func takeFrame(
        _ file: NaiveBytes, _ at: Int, tag: [UInt8], number: UInt64, _ segment: inout SegmentSoFar
    ) throws(NaiveDefect) -> Int {
        let header = try file.slice(at, 128)
        try check(header.bytes.starts(with: [0xF5, 0x44, 0x42, 0x46]), "frame magic at \(at)")
        try check(header.u32(124) == (try header.slice(0, 124)).crc, "frame header CRC at \(at)")
        let storedCount = Int(header.u32(8))
        let rawCount = Int(header.u32(12))
        let payload = try file.slice(at + 128, storedCount)
        let next = at + (128 + storedCount + 7) / 8 * 8
        try check(header.u32(60) == payload.crc, "payload CRC at \(at)")
        let padding = try file.slice(at + 128 + storedCount, next - at - 128 - storedCount)
        try check(padding.isZero, "padding at \(at)")
        try checkNumbers(header, at, tag)
        chain = NaiveBytes.sha256([2] + chain, (try header.slice(0, 72)).bytes, payload.bytes)
        try check(header.digest(72) == chain, "chain at \(at)")
        let kind = header.bytes[4]
        let first = nextBatch
        nextFrame += 1
        time = header.i64(48)
        epoch = header.u32(56)
        if kind == 2 {
            try check(header.bytes[5] == 0, "codec of the seal")
            segment.sealOffset = at
            try checkSeal(payload, segment)
            isSealed = true
        } else {
            let raw = header.bytes[5] == 1 ? try payload.lz4(rawCount: rawCount) : []
            if header.bytes[5] == 1 {
                let counts = try decode(raw, or: nil, kind)
                try check(counts == (header.u32(40), header.u32(44)), "counts at \(at)")
            } else {
                try check(storedCount == rawCount, "lengths at \(at)")
                let counts = try decode([], or: payload, kind)
                try check(counts == (header.u32(40), header.u32(44)), "counts at \(at)")
            }
            count(header, at, &segment)
        }
        frames.append(
            Frame(segment: number, byteRange: at..<next, kind: kind, batches: first..<nextBatch))
        return next
    }

    private func checkNumbers(_ header: NaiveBytes, _ at: Int, _ tag: [UInt8])
        throws(NaiveDefect)
    {
        try check(header.u64(16) == nextFrame, "frame number at \(at)")
        try check(header.u64(24) == nextBatch, "batch number at \(at)")
        try check(header.u64(32) == nextPosition, "position at \(at)")
        try check(header.i64(48) >= time, "time at \(at)")
        try check(header.u32(56) >= epoch, "epoch at \(at)")
        try check(header.u64(64) == 0, "reserved bytes at \(at)")
        try check(header.u64(104) == UInt64(at), "own offset at \(at)")
        try check(header.u64(112) <= UInt64(at), "durable offset at \(at)")
        try check(header.bytes[120..<124].elementsEqual(tag), "segment tag at \(at)")
        try check((1...3).contains(header.bytes[4]) && header.bytes[5] <= 1, "kind at \(at)")
    }

    /// Takes the batches of a frame in.
    private mutating func decode(_ raw: [UInt8], or plain: NaiveBytes?, _ kind: UInt8)
        throws(NaiveDefect) -> (UInt32, UInt32)
    {
        guard kind == 1 else { return (0, 0) }
        let result = raw.withUnsafeBytes {
            bytes -> Result<([NaiveBatch], [[UInt8]]), NaiveDefect> in
            do throws(NaiveDefect) {
                let found = try NaiveBatch.all(
                    in: plain ?? NaiveBytes(bytes: bytes), number: nextBatch,
                    position: nextPosition)
                let leaves = found.map { NaiveBytes.sha256([0], $0.message.bytes) }
                return .success((found.map(\.batch), leaves))
            } catch {
                return .failure(error)
            }
        }
        let (found, newLeaves) = try result.get()
        batches += found
        leaves += newLeaves
        let eventCount = found.reduce(0) { $0 + $1.events.count }
        nextBatch += UInt64(found.count)
        nextPosition += UInt64(eventCount)
        return (UInt32(found.count), UInt32(eventCount))
    }

    private func count(_ header: NaiveBytes, _ at: Int, _ segment: inout SegmentSoFar) {
        segment.headerDigest = NaiveBytes.sha256([4] + segment.headerDigest, header.bytes)
        segment.frames += 1
        segment.batches += UInt64(header.u32(40))
        segment.events += UInt64(header.u32(44))
        segment.raw += UInt64(header.u32(12))
        segment.stored += UInt64(header.u32(8))
        if segment.frames == 1 { segment.firstTime = header.i64(48) }
        segment.lastTime = header.i64(48)
        guard header.bytes[4] == 1 else { return }
        if let last = segment.entries.last, UInt64(at) - last[0] < 65_536 { return }
        segment.entries.append(
            [UInt64(at), header.u64(16), header.u64(24), header.u64(32), header.u64(48)])
    }

    private func checkSeal(_ seal: NaiveBytes, _ segment: SegmentSoFar) throws(NaiveDefect) {
        try check(seal.count >= 4264, "seal too short")
        try check(try seal.slice(0, 4096).equals(segment.headerBytes), "seal header copy")
        let numbers = [
            segment.frames, segment.batches, segment.events, segment.raw, segment.stored,
            UInt64(bitPattern: segment.firstTime), UInt64(bitPattern: segment.lastTime), nextFrame,
            nextBatch, nextPosition, UInt64(leaves.count),
        ]
        for (index, number) in numbers.enumerated() {
            try check(seal.u64(4096 + 8 * index) == number, "seal number \(index)")
        }
        try check(seal.digest(4184) == NaiveLog.root(leaves[...]), "Merkle root")
        try check(seal.digest(4216) == segment.headerDigest, "header digest")
        try check(seal.u64(4248) == 0, "seal reserved bytes")
        let roots = subtreeRoots
        try check(Int(seal.u32(4256)) == roots.count, "seal subtree count")
        try check(Int(seal.u32(4260)) == segment.entries.count, "seal entry count")
        try check(
            seal.count == 4264 + 32 * roots.count + 40 * segment.entries.count, "seal length")
        for (index, root) in roots.enumerated() {
            try check(seal.digest(4264 + 32 * index) == root, "subtree \(index)")
        }
        for (index, entry) in segment.entries.enumerated() {
            for (field, number) in entry.enumerated() {
                let place = 4264 + 32 * roots.count + 40 * index + 8 * field
                try check(seal.u64(place) == number, "sparse index entry \(index)")
            }
        }
    }
}

// MARK: - Merkle

extension NaiveLog {
    package var merkleRoot: [UInt8] { NaiveLog.root(leaves[...]) }

    /// RFC 6962 section 2.1, by its definition.
    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else { return leaves.first ?? NaiveBytes.sha256([]) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return NaiveBytes.sha256([1] + root(leaves[..<middle]) + root(leaves[middle...]))
    }

    /// Roots of the complete subtrees, the largest first.
    private var subtreeRoots: [[UInt8]] {
        var roots: [[UInt8]] = []
        var start = 0
        for bit in (0..<UInt64.bitWidth).reversed() where leaves.count >> bit & 1 == 1 {
            roots.append(NaiveLog.root(leaves[start..<(start + 1 << bit)]))
            start += 1 << bit
        }
        return roots
    }
}
