internal import CFuzzBudget
internal import DaybookCore

@testable internal import DaybookLog

/// A whole log in memory: a good one, changed as the input says, then verified, read, opened,
/// appended to and closed.
///
/// The first byte says what is put right after the changes: 1 header and payload checksums of the
/// frames, 2 the chain, 4 the mark's checksums, 8 those of segment headers and trailers, 16 links
/// between segments; and what is done: 32 read beside a writer, otherwise open for writing; 64 marked durability.
enum LogTarget {
    private static let base: BaseLog = {
        do {
            let base = try BaseLog()
            guard base.files.count == 4 else {
                fuzz_fail("the base log has \(base.files.count - 1) segments, not 3")
            }
            return base
        } catch {
            fuzz_fail("the base log cannot be made: \(error)")
        }
    }()

    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        var input = FuzzInput(input)
        let flags = input.byte()
        var files = base.files
        var edits = 0
        while !input.isAtEnd, edits < 24 {
            edit(&files, &input)
            edits += 1
        }
        mend(&files, flags)
        let storage = MemoryStorage()
        for file in files where !file.bytes.isEmpty {
            storage.files[file.name] = MemoryFile(file.name, file.bytes)
        }
        exercise(storage, flags, isChanged: edits > 0)
    }

    // MARK: Changing

    private static func edit(
        _ files: inout [(name: String, bytes: [UInt8])], _ input: inout FuzzInput
    ) {
        let operation = input.byte()
        let file = Int(operation & 7) % files.count
        let count = files[file].bytes.count
        guard count > 0 else { return }
        switch operation >> 3 & 7 {
        case 0:
            overwrite(&files[file].bytes, at: input.number16() % count, &input)
        case 1, 2:
            // A field of a frame's header or the beginning of its payload.
            let offsets = file < base.frameOffsets.count ? base.frameOffsets[file] : [0]
            let start = offsets[Int(input.byte()) % offsets.count]
            overwrite(&files[file].bytes, at: start + Int(input.byte()), &input)
        case 3:
            // From the end: trailer and seal.
            overwrite(&files[file].bytes, at: count - 1 - input.number16() % count, &input)
        case 4: files[file].bytes.removeLast(min(count, input.number16()))
        case 5: files[file].bytes += [UInt8](repeating: input.byte(), count: Int(input.byte()) * 8)
        case 6:
            let source = Int(input.byte()) % files.count
            let from = input.number16() * 8
            let length = min(512, max(0, files[source].bytes.count - from))
            let piece = Array(files[source].bytes.dropFirst(from).prefix(length))
            let target = input.number16() * 8
            guard target + length <= count else { return }
            files[file].bytes.replaceSubrange(target..<target + length, with: piece)
        default:
            let other = Int(input.byte()) % (files.count + 1)
            if other == files.count {
                files[file].bytes = []
            } else {
                files[file].bytes = files[other].bytes
            }
        }
    }

    private static func overwrite(_ bytes: inout [UInt8], at start: Int, _ input: inout FuzzInput) {
        let piece = input.bytes(most: 1 + Int(input.byte() & 15))
        for (index, byte) in piece.enumerated() where start + index < bytes.count {
            bytes[start + index] = byte
        }
    }

    // MARK: Putting right

    private static func mend(_ files: inout [(name: String, bytes: [UInt8])], _ flags: UInt8) {
        for index in files.indices where index < base.frameOffsets.count {
            if flags & 16 != 0, index > 0 { link(&files[index].bytes, to: files[index - 1].bytes) }
            if flags & 8 != 0 { mendEnds(&files[index].bytes) }
            if flags & 3 != 0 {
                mendFrames(&files[index].bytes, at: base.frameOffsets[index], flags)
            }
        }
        guard flags & 4 != 0 else { return }
        let mark = files.count - 1
        for start in [0, 4_096] where start + CommitMark.byteCount <= files[mark].bytes.count {
            Checksums.mend(&files[mark].bytes, from: start, count: CommitMark.byteCount - 4)
        }
    }

    private static func mendEnds(_ bytes: inout [UInt8]) {
        guard bytes.count >= SegmentHeader.byteCount else { return }
        Checksums.mend(&bytes, from: 0, count: SegmentHeader.byteCount - 4)
        let trailer = bytes.count - SegmentTrailer.byteCount
        guard bytes[trailer...].starts(with: SegmentTrailer.magic) else { return }
        Checksums.mend(&bytes, from: trailer, count: SegmentTrailer.byteCount - 4)
    }

    private static func mendFrames(_ bytes: inout [UInt8], at offsets: [Int], _ flags: UInt8) {
        guard bytes.count >= SegmentHeader.byteCount else { return }
        var chain = bytes.withUnsafeBytes { $0.digest(at: 352) }
        for offset in offsets where offset + FrameHeader.byteCount <= bytes.count {
            Checksums.mendFrame(
                &bytes, at: offset, payload: flags & 1 != 0,
                chainAfter: flags & 2 != 0 ? chain : nil)
            chain = bytes.withUnsafeBytes { $0.digest(at: offset + 72) }
        }
    }

    /// Gives a segment's header the chain, numbers and seal digest of the segment before.
    private static func link(_ bytes: inout [UInt8], to previous: [UInt8]) {
        guard bytes.count >= SegmentHeader.byteCount, previous.count > SegmentTrailer.byteCount
        else { return }
        previous.withUnsafeBytes { previous in
            let trailer = previous.count - SegmentTrailer.byteCount
            guard let seal = Int(exactly: previous.uint64(at: trailer + 32)), seal >= 0,
                seal <= trailer - FrameHeader.byteCount - Seal.fixedByteCount
            else { return }
            let end = previous.slice(seal, previous.count - seal)
            let digest = HashFunction.cheap.sealDigest(of: end)
            bytes.withUnsafeMutableBytes { bytes in
                for (from, to) in [(4152, 288), (4160, 296), (4168, 304)] {
                    bytes.store(end.uint64(at: FrameHeader.byteCount + from), at: to)
                }
                bytes.store(end.digest(at: 72), at: 352)
                bytes.store(digest, at: 384)
                bytes.store(
                    Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<4092])), at: 4092)
            }
        }
    }

    // MARK: Using

    private static func exercise(_ storage: MemoryStorage, _ flags: UInt8, isChanged: Bool) {
        let report = try? LogVerifier.verify(storage: storage, hash: .cheap)
        for finding in report?.findings ?? [] { _ = finding.description }
        if flags & 32 != 0 {
            guard let reader = try? LogReader.openReadOnly(storage: storage, hash: .cheap) else {
                return
            }
            read(reader)
            _ = try? reader.refresh()
            return
        }
        var options = BaseLog.options
        options.durability = flags & 64 != 0 ? .marked : .lazy
        let isSound = report?.findings.isEmpty ?? false
        do throws(EventLogError) {
            let log = try LogDirectory.open(
                storage: storage, options: options, hash: .cheap, clock: BaseLog.clock)
            read(log.reader)
            try append(to: log)
            try log.committer.close()
        } catch {
            _ = error.description
            require(isChanged, "a good log is refused: \(error)")
            require(!isSound, "a log without findings is refused: \(error)")
            return
        }
        let after = try? LogVerifier.verify(storage: storage, hash: .cheap)
        require(
            !isSound || after?.findings.isEmpty ?? false,
            "a sound log has findings after it was used: \(after?.findings ?? [])")
    }

    private static func append(to log: OpenedLog) throws(EventLogError) {
        let query = Query.any([QueryItem(tags: [BaseLog.tags[0]])])
        _ = try log.writer.stage(
            BaseLog.batch(1_000),
            when: AppendCondition(failIfEventsMatch: query, after: log.reader.head.position))
        if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
    }

    private static func read(_ reader: LogReader) {
        let head = reader.head
        _ = reader.statistics
        _ = try? reader.read(.all)
        _ = try? reader.read(.all, direction: .backwards, limit: 3)
        _ = try? reader.read(.any([QueryItem(tags: [BaseLog.tags[1]])]), limit: 5)
        _ = try? reader.chain(at: head.position)
        _ = try? reader.batch(containing: head.position)
        _ = try? reader.batch(containing: LogPosition(rawValue: head.position.rawValue / 2))
    }
}
