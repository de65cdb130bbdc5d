package import DaybookCore

/// What accepting a loss would give up, and where the log would go on.
package struct PlannedLoss: Hashable, Sendable {
    package var file: String
    package var segment: UInt64
    /// From the end of the last right frame to the end of what was once written.
    package var byteRange: Range<UInt64>
    /// The first position that is given up.
    package var firstPosition: LogPosition
    /// How many positions are given up: what the operator has to confirm. Known from the mark, from
    /// frames behind the damage, and from consumers; without any of them it may be too few.
    package var positionCount: UInt64
    package var firstBatchNumber: UInt64
    package var batchCount: UInt64
    package var evidence: String
    /// The files as they will be; `nil`: removed.
    var files: [String: [UInt8]?]
}

/// Why a loss cannot be accepted.
struct LossObstacle: Error {
    let reason: String
}

/// Looks at the end of a log whose proven repairs were made: how far it is right, and how much more
/// there certainly was.
struct LossSurvey {
    let numbers: [UInt64]
    /// Behind the last right frame; `nil` when not even the segment before is right.
    private(set) var expectation: FrameExpectation?
    /// The segment that the expectation is in.
    private(set) var lastNumber: UInt64 = 0
    /// Its bytes and header; the header is `nil` when the whole segment goes.
    private var bytes: [UInt8] = []
    private var header: SegmentHeader?
    /// A right seal stands at the end: nothing of the segment is lost.
    private var isSealed = false
    private var defect: FrameDefect?
    private var tail: TailScan?
    private let mark: CommitMark?
    private let marks: MarkFile.Content?
    private var removed: [String] = []
    /// What is intact in the segment that goes as a whole.
    private var removedFrames: [FrameHeader] = []

    var lastName: String { LogFileName.segment(lastNumber) }

    /// The last position that is there.
    var head: LogPosition { expectation?.head.position ?? .start }

    init(storage: any Storage, hash: HashFunction) throws(EventLogError) {
        numbers = try SegmentCatalog.numbers(in: storage)
        if try storage.list().contains(LogFileName.mark) {
            marks = try MarkFile.content(of: storage.open(LogFileName.mark, .read))
        } else {
            marks = nil
        }
        mark = marks?.newest
        guard let last = numbers.last else { return }
        guard try !walk(last, storage, hash), last > 1, numbers.contains(last - 1) else { return }
        // The header of the last segment is lost: the log ends with the segment before.
        removed.append(LogFileName.segment(last))
        if try walk(last - 1, storage, hash), isSealed, let header {
            removedFrames = try LossSurvey.frames(of: last, header.salt, storage, hash)
        } else {
            expectation = nil
        }
    }

    /// The frames of a segment without a header: they carry its tag.
    private static func frames(
        of number: UInt64, _ salt: Digest, _ storage: any Storage, _ hash: HashFunction
    ) throws(EventLogError) -> [FrameHeader] {
        let file = try storage.open(LogFileName.segment(number), .read)
        return try TailScan(
            file, from: UInt64(SegmentHeader.byteCount), end: try file.byteCount(),
            segmentTag: hash.segmentTag(salt: salt, segment: number)
        ).frames
    }

    /// Walks one segment to the end of its last right frame.
    ///
    /// - Returns: `false` when its header is not right or does not continue the segment before.
    private mutating func walk(_ number: UInt64, _ storage: any Storage, _ hash: HashFunction)
        throws(EventLogError) -> Bool
    {
        // What is written later must be what is checked here, so the file is read once.
        let name = LogFileName.segment(number)
        let onDisk = try storage.open(name, .read)
        bytes = try onDisk.bytes(at: 0, count: Int(try onDisk.byteCount()))
        let file = try OverlayStorage(storage, replacing: [name: bytes]).open(name, .read)
        let headerBytes = try file.bytes(at: 0, count: SegmentHeader.byteCount)
        guard headerBytes.count == SegmentHeader.byteCount,
            let header = LossSurvey.header(headerBytes), header.number == number
        else { return false }
        var start = header.expectation
        if number > 1 {
            guard numbers.contains(number - 1),
                let previous = LossSurvey.sealedEnd(number - 1, storage, hash),
                previous.digest == header.previousSeal, previous.frame.chain == header.chain
            else { return false }
            start = previous.expectation
        } else {
            guard header.chain == hash.genesisChain(of: header.logID) else { return false }
        }
        let byteCount = try file.byteCount()
        let segmentTag = hash.segmentTag(salt: header.salt, segment: number)
        let walker = FrameWalker(
            window: SegmentWindow(file: file, readAhead: 1 << 20), hash: hash,
            segmentTag: segmentTag, expectation: start,
            tally: headerBytes.withUnsafeBytes { SegmentTally(segmentHeader: $0, hash: hash) },
            // Content is looked at too; the roots do not matter here.
            frontier: MerkleFrontier())
        expectation = walker.expectation
        while case .frame = try walker.step(end: byteCount), walker.seal == nil {
            expectation = walker.expectation
        }
        isSealed = walker.seal != nil
        if !isSealed, case .stopped(let defect) = try walker.step(end: byteCount) {
            self.defect = defect
        }
        tail = try TailScan(
            file, from: expectation?.byteOffset ?? 0, end: byteCount, segmentTag: segmentTag)
        lastNumber = number
        self.header = header
        return true
    }

    private static func header(_ bytes: [UInt8]) -> SegmentHeader? {
        bytes.withUnsafeBytes { bytes in
            do throws(SegmentHeaderDefect) {
                return try SegmentHeader(decoding: bytes, forWriting: true)
            } catch {
                return nil
            }
        }
    }

    /// Trailer and seal of a segment; `nil` when they are not right, whatever the reason.
    private static func sealedEnd(
        _ number: UInt64, _ storage: any Storage, _ hash: HashFunction
    ) -> SegmentFile.SealedEnd? {
        do throws(EventLogError) {
            return try SegmentFile.open(
                number, in: storage, forWriting: true, provesLog: true, hash: hash
            ).sealed
        } catch {
            return nil
        }
    }
}

// MARK: - The plan

extension LossSurvey {
    /// - Throws: ``LossObstacle`` when the damage is not at the end, or is none that giving up mends.
    func plan(refused: [DamageFinding], evidence: [RecoveryEvidence]) throws(LossObstacle)
        -> PlannedLoss
    {
        guard let end = expectation, let header else {
            throw LossObstacle(reason: "no right segment is left to go on from; use a backup")
        }
        for (index, number) in numbers.enumerated() where number != UInt64(index) + 1 {
            throw LossObstacle(
                reason: "segment \(index + 1) is missing in the middle; use a backup")
        }
        if let early = refused.first(where: { $0.segment.map { $0 < lastNumber } ?? false }) {
            throw LossObstacle(
                reason: "the damage in \(early.file) lies before right segments, whose positions "
                    + "would lose their place; use a backup")
        }
        guard isSealed || end.byteOffset <= header.byteCount else {
            throw LossObstacle(
                reason: "the header of \(lastName) says that it ends before its right frames do; "
                    + "use a backup")
        }
        let known = knownEnd(end, evidence)
        let positionCount = known.position.rawValue - end.position.rawValue
        guard positionCount <= LostPositions.limit else {
            throw LossObstacle(reason: "\(positionCount) positions would be lost; use a backup")
        }
        let residueEnd = max(
            tail?.residueEnd ?? 0,
            mark?.segmentNumber == lastNumber ? mark?.durableOffset ?? 0 : 0, end.byteOffset)
        return PlannedLoss(
            file: lastName, segment: lastNumber,
            byteRange: end.byteOffset..<(isSealed ? end.byteOffset : residueEnd),
            firstPosition: end.position, positionCount: positionCount,
            firstBatchNumber: end.batchNumber, batchCount: known.batch - end.batchNumber,
            evidence: why(end, refused, evidence), files: files(end, header))
    }

    /// The next position and batch by everything that is known of what was once there.
    private func knownEnd(_ end: FrameExpectation, _ evidence: [RecoveryEvidence])
        -> (position: LogPosition, batch: UInt64)
    {
        var position = end.position
        var batch = end.batchNumber
        for mark in marks?.slots.compactMap(\.mark) ?? [] {
            position = max(position, mark.nextPosition)
            batch = max(batch, mark.nextBatchNumber)
        }
        for frame in (tail?.frames ?? []) + removedFrames {
            position = max(position, frame.firstPosition.advanced(by: Int(frame.eventCount)))
            batch = max(batch, frame.firstBatchNumber + UInt64(frame.batchCount))
        }
        let last = evidence.map { $0.position.advanced(by: 1) }.max() ?? position
        if last > position {
            // Consumers tell positions only: no more batches than positions.
            batch += last.rawValue - position.rawValue
            position = last
        }
        return (position, batch)
    }

    private func why(
        _ end: FrameExpectation, _ refused: [DamageFinding], _ evidence: [RecoveryEvidence]
    ) -> String {
        var reasons = refused.map(\.evidence)
        if mark == nil { reasons.append("no-valid-mark-slot") }
        for item in evidence where item.position > end.head.position {
            reasons.append("log-is-older-than-\(item.name)@\(item.position)")
        }
        let text = reasons.joined(separator: ",")
        return text.isEmpty ? defect.map { "\($0)" } ?? "none" : String(text.prefix(200))
    }

    /// The segment up to its last right frame, at its full length, and a mark that says so.
    private func files(_ end: FrameExpectation, _ header: SegmentHeader) -> [String: [UInt8]?] {
        var files: [String: [UInt8]?] = [:]
        for name in removed { files.updateValue(nil, forKey: name) }
        if !isSealed {
            let start = Int(end.byteOffset)
            let wanted = Int(header.byteCount)
            var cut = Array(bytes.prefix(start))
            cut += Array(repeating: 0, count: wanted - start)
            if cut != bytes { files[lastName] = cut }
        }
        files[LogFileName.mark] = markBytes(end, header)
        return files
    }

    private func markBytes(_ end: FrameExpectation, _ header: SegmentHeader) -> [UInt8] {
        let seen = marks?.slots.compactMap(\.mark) ?? []
        let generation = (seen.map(\.generation).max() ?? 1) + 1
        let new = CommitMark(
            logID: header.logID, generation: generation,
            writerEpoch: max(
                seen.map(\.writerEpoch).max() ?? 0, end.writerEpoch, header.writerEpoch),
            flags: [], segmentNumber: lastNumber, durableOffset: end.byteOffset,
            nextFrameNumber: end.frameNumber, nextBatchNumber: end.batchNumber,
            nextPosition: end.position, lastTime: end.time, chain: end.chain,
            signedTreeSize: mark?.signedTreeSize ?? 0, signedTreeRoot: mark?.signedTreeRoot ?? .zero
        )
        var bytes = [UInt8](repeating: 0, count: MarkFile.byteCount)
        bytes.withUnsafeMutableBytes { bytes in
            let start = Int(MarkFile.slotOffsets[Int(generation & 1)])
            new.encode(
                into: UnsafeMutableRawBufferPointer(
                    rebasing: bytes[start..<(start + CommitMark.byteCount)]))
        }
        return bytes
    }
}
