internal import DaybookCore

/// Where the active segment ends and what proves it: V and D of FORMAT.md, Recovery. Reads only.
struct SegmentSurvey {
    /// Everything that appending needs to go on from a place.
    struct State {
        var expectation: FrameExpectation
        var tally: SegmentTally
        var frontier: MerkleFrontier
        var lastNote: [UInt8]?
        var lastRecord: [UInt8]?

        init(_ walker: FrameWalker) {
            expectation = walker.expectation
            tally = walker.tally
            frontier = walker.frontier ?? MerkleFrontier()
            lastNote = walker.lastNote
            lastRecord = walker.lastRecord
        }
    }

    let segment: SegmentFile
    /// V: behind the last contiguous valid frame, seals left out.
    private(set) var end: State
    /// At the mark's durable offset, when the mark is of this segment and a frame ends there.
    private(set) var atMark: State?
    /// A seal was found although the file was not cut: a rotation was interrupted.
    let hasSeal: Bool
    let tail: TailScan
    /// Why the walk ended.
    let defect: FrameDefect
    private let mark: CommitMark?

    init(
        _ segment: SegmentFile, after previous: SegmentFile?, mark: CommitMark?, hash: HashFunction
    ) throws(EventLogError) {
        self.segment = segment
        self.mark = mark?.segmentNumber == segment.header.number ? mark : nil
        let walk: Walk
        if let agreed = try SegmentSurvey.walkInTwo(segment, after: previous, self.mark, hash) {
            walk = agreed
        } else {
            walk = try SegmentSurvey.walk(
                segment, after: previous, self.mark, hash, countsLeaves: true)
        }
        end = walk.end
        atMark = walk.atMark
        hasSeal = walk.hasSeal
        defect = walk.defect
        let start = segment.expectation(after: previous)
        invariant(
            walk.end.expectation.byteOffset <= walk.byteOffset,
            "SegmentSurvey: the last frame lies in what was walked")
        invariant(
            walk.end.expectation.byteOffset >= start.byteOffset,
            "SegmentSurvey: the walk begins with the first frame")
        invariant(
            walk.end.expectation.position >= start.position,
            "SegmentSurvey: a segment ends behind where it begins")
        invariant(
            walk.end.tally.eventCount
                == walk.end.expectation.position.rawValue - start.position.rawValue,
            "SegmentSurvey: every position was counted")
        invariant(
            walk.end.tally.frameCount == walk.end.expectation.frameNumber - start.frameNumber,
            "SegmentSurvey: every frame was counted")
        invariant(
            walk.end.frontier.size + 1 == walk.end.expectation.batchNumber,
            "SegmentSurvey: one leaf a batch")
        invariant(
            (walk.atMark ?? walk.end).expectation.byteOffset <= walk.end.expectation.byteOffset,
            "SegmentSurvey: what the mark vouches for was walked")
        invariant(
            (walk.atMark ?? walk.end).frontier.size + 1
                == (walk.atMark ?? walk.end).expectation.batchNumber,
            "SegmentSurvey: one leaf a batch, at the mark too")
        invariant(
            walk.hasSeal == (walk.end.expectation.byteOffset < walk.byteOffset),
            "SegmentSurvey: only a seal lies behind the last frame")
        tail = try TailScan(
            segment.file, from: walk.byteOffset, end: segment.byteCount,
            segmentTag: segment.segmentTag)
    }

    /// What stepping through the frames found.
    private struct Walk {
        var end: State
        var atMark: State?
        var hasSeal: Bool
        /// Behind the last frame, seal included.
        var byteOffset: UInt64
        var defect: FrameDefect
    }

    private static func walk(
        _ segment: SegmentFile, after previous: SegmentFile?, _ mark: CommitMark?,
        _ hash: HashFunction, countsLeaves: Bool
    ) throws(EventLogError) -> Walk {
        let walker = segment.walker(
            after: previous, hash: hash, countsLeaves: countsLeaves, readAhead: 1 << 20)
        let start = walker.expectation.byteOffset
        var state = State(walker)
        var atMark: State?
        var defect: FrameDefect?
        while defect == nil {
            if walker.seal == nil { state = State(walker) }
            if walker.expectation.byteOffset == mark?.durableOffset { atMark = state }
            defect = try walker.defect(end: segment.byteCount)
        }
        invariant(
            walker.expectation.byteOffset <= max(segment.byteCount, start),
            "SegmentSurvey: no frame reaches beyond the file")
        return Walk(
            end: state, atMark: atMark, hasSeal: walker.seal != nil,
            byteOffset: walker.expectation.byteOffset,
            defect: established(defect, "SegmentSurvey: a walk ends where something is not right"))
    }

    /// From here on a segment is read by two threads.
    private static let largeByteCount: UInt64 = 4 << 20

    /// The same for a large segment: frames are checked here, their batches on another thread.
    ///
    /// - Returns: `nil` when the segment is small, or when the two do not agree on where it ends;
    ///   then one walk has to judge.
    private static func walkInTwo(
        _ segment: SegmentFile, after previous: SegmentFile?, _ mark: CommitMark?,
        _ hash: HashFunction
    ) throws(EventLogError) -> Walk? {
        guard segment.byteCount >= largeByteCount else { return nil }
        let pass = try LeafPass(
            segment, from: segment.expectation(after: previous),
            frontier: previous?.sealed?.seal.frontier ?? MerkleFrontier(),
            markOffset: mark?.durableOffset, hash: hash)
        var walk = try walk(segment, after: previous, mark, hash, countsLeaves: false)
        guard let leaves = pass.finish(), leaves.byteOffset == walk.end.expectation.byteOffset,
            leaves.frontier.size + 1 == walk.end.expectation.batchNumber,
            leaves.atMark.map({ $0.size + 1 }) == walk.atMark?.expectation.batchNumber
        else { return nil }
        walk.end.frontier = leaves.frontier
        if let atMark = leaves.atMark { walk.atMark?.frontier = atMark }
        return walk
    }

    /// D: the furthest offset that was certainly durable once.
    var provenDurableOffset: UInt64 {
        if PlantedBug.markIgnored.isPlanted { return tail.provenDurableOffset }
        if PlantedBug.tailFramesIgnored.isPlanted { return mark?.durableOffset ?? 0 }
        return max(mark?.durableOffset ?? 0, tail.provenDurableOffset)
    }

    /// The residue of a write that was never acknowledged; `nil` when there is none.
    var residue: Range<UInt64>? {
        guard !hasSeal, let residueEnd = tail.residueEnd else { return nil }
        invariant(
            residueEnd <= segment.byteCount, "SegmentSurvey: what is behind the end is in the file")
        invariant(
            residueEnd > end.expectation.byteOffset, "SegmentSurvey: what is left over takes bytes")
        return end.expectation.byteOffset..<residueEnd
    }

    /// Why the log must not be opened; `nil` when what follows V was never acknowledged.
    func refusal() -> EventLogError? {
        if let length = segment.wrongLength() { return EventLogError(length) }
        if defect.meansNewerFormat {
            return EventLogError(
                .newerFormat, "a frame needs a newer version: \(defect)", file: segment.file.name,
                byteOffset: end.expectation.byteOffset)
        }
        let valid = end.expectation.byteOffset
        if PlantedBug.cutAtFirstBadFrame.isPlanted { return nil }
        if provenDurableOffset > valid { return EventLogError(damage()) }
        guard defect.mayBeTear else { return EventLogError(damage()) }
        guard let mark, !PlantedBug.markIgnored.isPlanted else { return nil }
        if let atMark, atMark.expectation.chain == mark.chain,
            atMark.expectation.position == mark.nextPosition,
            atMark.expectation.batchNumber == mark.nextBatchNumber
        {
            return nil
        }
        return EventLogError(
            DamageFinding(
                kind: .corrupt, file: segment.file.name, segment: segment.header.number,
                byteRange: UInt64(SegmentHeader.byteCount)..<mark.durableOffset,
                evidence: "mark-and-frames-disagree@\(mark.durableOffset)"))
    }

    /// The damage that begins at V.
    func damage() -> DamageFinding {
        let valid = end.expectation
        // The damaged frame's own header may still be readable; it is not what comes next.
        let next = tail.frames.first { $0.byteOffset > valid.byteOffset }
        let nextPosition = max(next?.firstPosition ?? .start, mark?.nextPosition ?? .start)
        let firstKnown = next?.firstPosition ?? nextPosition
        var evidence = "\(defect)"
        if let mark, mark.durableOffset > valid.byteOffset {
            evidence += ",mark.durable_offset=\(mark.durableOffset)"
        }
        if let proof = tail.frames.first(where: { $0.durableOffset > valid.byteOffset }) {
            evidence += ",frame@\(proof.byteOffset).durable_offset=\(proof.durableOffset)"
        }
        invariant(
            (next?.byteOffset ?? .max) > valid.byteOffset,
            "SegmentSurvey: damage begins where V ends")
        let rangeEnd = next?.byteOffset ?? max(provenDurableOffset, tail.residueEnd ?? 0)
        return DamageFinding(
            kind: .corrupt, file: segment.file.name, segment: segment.header.number,
            byteRange: valid.byteOffset..<max(rangeEnd, valid.byteOffset + 1),
            expectedBatch: valid.batchNumber
                + (PlantedBug.findingNamesNextBatch.isPlanted ? 1 : 0),
            positions: firstKnown > valid.position
                ? valid.position...LogPosition(rawValue: firstKnown.rawValue - 1) : nil,
            evidence: evidence)
    }
}
