/// A whole log, read and checked by the letter of `Schemas/log/FORMAT.md` alone.
///
/// Each header, frame and trailer is checked in the simplest way that is right; ``NaiveReader`` decides which
/// are read anew.
package struct NaiveLog: Sendable {
    package struct Frame: Hashable, Sendable {
        package var segment: UInt64
        package var byteRange: Range<Int>
        package var kind: UInt8
        /// Numbers of its batches; empty for seals and notes.
        package var batches: Range<UInt64>
    }

    package internal(set) var batches: [NaiveBatch] = []
    package internal(set) var frames: [Frame] = []
    var tree = NaiveTree()
    var state = State()

    init() {}

    /// Reads the segments of a directory, all of them anew.
    ///
    /// - Parameters:
    ///   - names: the files that are there.
    ///   - content: the bytes of one.
    /// - Throws: ``NaiveDefect`` at the first thing that is not as the format says.
    package init(names: [String], content: (String) -> [UInt8]) throws(NaiveDefect) {
        self = try NaiveReader().read(names: names, content: content)
    }

    /// After the last frame.
    package var chain: NaiveDigest { state.chain }
    package var segmentCount: UInt64 { state.segmentCount }
    package var merkleRoot: NaiveDigest { tree.root(of: batches.count) }

    /// Goes back to a state that this log was in.
    mutating func cut(to earlier: State) {
        state = earlier
        let batchCount = Int(earlier.nextBatch - 1)
        let frameCount = Int(earlier.nextFrame - 1)
        if batches.count > batchCount { batches.removeLast(batches.count - batchCount) }
        if frames.count > frameCount { frames.removeLast(frames.count - frameCount) }
        tree.cut(to: batchCount)
    }
}

extension NaiveLog: Equatable {
    package static func == (left: NaiveLog, right: NaiveLog) -> Bool {
        left.state == right.state && left.frames == right.frames
            && left.batches == right.batches && left.merkleRoot == right.merkleRoot
    }
}

// MARK: - State

extension NaiveLog {
    /// What the next bytes are held against.
    struct State: Hashable, Sendable {
        var chain = NaiveDigest.zero
        var segmentCount: UInt64 = 0
        var nextFrame: UInt64 = 1
        var nextBatch: UInt64 = 1
        var nextPosition: UInt64 = 1
        var time = Int64.min
        var epoch: UInt32 = 0
        var sealDigest = NaiveDigest.zero
        var logID: SIMD16<UInt8>?
        var salt: NaiveDigest?
        /// Of the last segment.
        var segment = SegmentSoFar()
    }

    /// What a seal must say, and what else is known of its segment.
    struct SegmentSoFar: Hashable, Sendable {
        var length = 0
        var tag: UInt32 = 0
        var isSealed = false
        var hasTrailer = false
        var headerDigest = NaiveDigest.zero
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
}

extension NaiveLog.State {
    /// Whether a header, frame or trailer has to follow here.
    func expectsMore(of file: NaiveBytes, _ at: Int) -> Bool {
        if at == 0 { return true }
        if segment.isSealed { return !segment.hasTrailer }
        return at < file.count && file.bytes[at] != 0
    }

    /// Checks what stands behind the last of them.
    func checkEnd(of file: NaiveBytes, _ at: Int, isLast: Bool) throws(NaiveDefect) {
        if segment.isSealed {
            try check(file.count == at, "a sealed file of \(file.count), not \(at) bytes")
        } else {
            let length = segment.length
            try check(isLast, "not sealed although another segment follows")
            try check(file.count == length, "has \(file.count) bytes, its header says \(length)")
            try check(try file.slice(at, file.count - at).isZero, "bytes behind the end at \(at)")
        }
    }

    func check(_ holds: Bool, _ what: @autoclosure () -> String) throws(NaiveDefect) {
        guard holds else { throw NaiveDefect(what()) }
    }
}

// MARK: - Segments

extension NaiveLog {
    /// Takes the header, frame or trailer at an offset.
    ///
    /// - Returns: where it ends.
    /// - Throws: ``NaiveDefect``; the log is to be cut to what it was before.
    mutating func take(_ file: NaiveBytes, _ at: Int, number: UInt64) throws(NaiveDefect) -> Int {
        if at == 0 {
            try state.takeHeader(try file.slice(0, 4096), number)
            return 4096
        }
        if state.segment.isSealed {
            try state.takeTrailer(file, at, number)
            return at + 64
        }
        return try takeFrame(file, at, number)
    }
}

extension NaiveLog.State {
    fileprivate mutating func takeHeader(_ header: NaiveBytes, _ number: UInt64)
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
        let identifier = header.identifier(264)
        try check(logID == nil || logID == identifier, "log id")
        try check(header.u64(280) == number, "segment number")
        try check(header.u64(288) == nextFrame, "first frame number")
        try check(header.u64(296) == nextBatch, "first batch number")
        try check(header.u64(304) == nextPosition, "first position")
        if number == 1 {
            var genesis = NaiveHasher()
            genesis.add("daybook log genesis 1\n")
            genesis.add(try header.slice(264, 16).bytes)
            chain = genesis.digest()
        }
        try check(header.digest(352) == chain, "chain at the start")
        try check(header.digest(384) == sealDigest, "previous seal")
        try check(salt == nil || salt == header.digest(416), "salt")
        try check((try header.slice(448, 3644)).isZero, "reserved bytes")
        logID = identifier
        salt = header.digest(416)
        segmentCount = number
        segment = NaiveLog.SegmentSoFar()
        segment.length = Int(header.u64(328))
        var tag = NaiveHasher()
        tag.add(header.digest(416))
        tag.add(number: number)
        segment.tag = tag.digest().withUnsafeBytes { NaiveBytes(bytes: $0).u32(0) }
        var digest = NaiveHasher(domain: 3)
        digest.add(header.bytes)
        segment.headerDigest = digest.digest()
    }

    fileprivate mutating func takeTrailer(_ file: NaiveBytes, _ at: Int, _ number: UInt64)
        throws(NaiveDefect)
    {
        let trailer = try file.slice(at, 64)
        try check(trailer.bytes.starts(with: "DBKTRAIL".utf8), "trailer magic")
        try check(trailer.identifier(8) == logID, "trailer log id")
        try check(trailer.u64(24) == number, "trailer segment")
        try check(trailer.u64(32) == UInt64(segment.sealOffset), "trailer seal offset")
        try check(trailer.u64(40) == UInt64(at - segment.sealOffset), "trailer seal length")
        try check(trailer.u64(48) == UInt64(at + 64), "trailer file length")
        try check(trailer.u32(60) == (try trailer.slice(0, 60)).crc, "trailer CRC")
        segment.hasTrailer = true
        var digest = NaiveHasher(domain: 5)
        digest.add(try file.slice(segment.sealOffset, at + 64 - segment.sealOffset).bytes)
        sealDigest = digest.digest()
    }
}
