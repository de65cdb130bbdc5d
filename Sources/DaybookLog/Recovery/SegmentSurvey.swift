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
    private(set) var hasSeal = false
    let tail: TailScan
    /// Why the walk ended.
    let defect: FrameDefect
    private let mark: CommitMark?

    init(
        _ segment: SegmentFile, after previous: SegmentFile?, mark: CommitMark?, hash: HashFunction
    ) throws(EventLogError) {
        self.segment = segment
        self.mark = mark?.segmentNumber == segment.header.number ? mark : nil
        let walker = segment.walker(
            after: previous, hash: hash, countsLeaves: true, readAhead: 1 << 20)
        var state = State(walker)
        while true {
            if walker.expectation.byteOffset == self.mark?.durableOffset { atMark = state }
            let step = try walker.step(end: segment.byteCount)
            if case .stopped(let defect) = step {
                self.defect = defect
                break
            }
            if walker.seal != nil {
                hasSeal = true
                continue
            }
            state = State(walker)
        }
        end = state
        tail = try TailScan(
            segment.file, from: walker.expectation.byteOffset, end: segment.byteCount,
            segmentTag: segment.segmentTag)
    }

    /// D: the furthest offset that was certainly durable once.
    var provenDurableOffset: UInt64 { max(mark?.durableOffset ?? 0, tail.provenDurableOffset) }

    /// The residue of a write that was never acknowledged; `nil` when there is none.
    var residue: Range<UInt64>? {
        guard !hasSeal, let residueEnd = tail.residueEnd else { return nil }
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
        if provenDurableOffset > valid { return EventLogError(damage()) }
        guard defect.mayBeTear else { return EventLogError(damage()) }
        guard let mark else { return nil }
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
        let rangeEnd = next?.byteOffset ?? max(provenDurableOffset, tail.residueEnd ?? 0)
        return DamageFinding(
            kind: .corrupt, file: segment.file.name, segment: segment.header.number,
            byteRange: valid.byteOffset..<max(rangeEnd, valid.byteOffset + 1),
            expectedBatch: valid.batchNumber,
            positions: firstKnown > valid.position
                ? valid.position...LogPosition(rawValue: firstKnown.rawValue - 1) : nil,
            evidence: evidence)
    }
}
