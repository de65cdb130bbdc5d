internal import DaybookCore

/// Steps through the frames of one segment and checks each against all before it.
///
/// Confined to its owner; not thread-safe.
final class FrameWalker {
    let window: SegmentWindow
    private let hash: HashFunction
    private let segmentTag: UInt32?
    private(set) var expectation: FrameExpectation
    private(set) var tally: SegmentTally
    /// `nil`: the batches in the frames are not looked at.
    private(set) var frontier: MerkleFrontier?
    /// The seal, once it was stepped over.
    private(set) var seal: (header: FrameHeader, content: Seal)?
    /// The payload of the newest note with schemas.
    private(set) var lastNote: [UInt8]?
    /// The payload of the newest note without schemas: of a repair or a loss.
    private(set) var lastRecord: [UInt8]?
    /// The chain before the next frame is lost, because the frame before it is.
    private(set) var isChainUnknown = false
    private let scratch = GrowingBuffer()
    private let tables = BatchTables()

    init(
        window: SegmentWindow, hash: HashFunction, segmentTag: UInt32?,
        expectation: FrameExpectation, tally: SegmentTally, frontier: MerkleFrontier?
    ) {
        self.window = window
        self.hash = hash
        self.segmentTag = segmentTag
        self.expectation = expectation
        self.tally = tally
        self.frontier = frontier
    }

    enum Step {
        /// The frame is right; its bytes are valid until the next step.
        case frame(FrameHeader, UnsafeRawBufferPointer)
        /// The frame is not there or not right; nothing was stepped over.
        case stopped(FrameDefect)
    }

    /// Checks the next frame and steps over it.
    ///
    /// What looks wrong is read a second time before it is called so.
    func step(end: UInt64) throws(EventLogError) -> Step {
        let first: Step
        do throws(EventLogError) {
            first = try attempt(end: end)
        } catch {
            guard PlantedBug.readErrorIsEnd.isPlanted else { throw error }
            return .stopped(.noFrame(isZero: true))
        }
        if PlantedBug.wrongReadBelieved.isPlanted { return first }
        guard case .stopped(let defect) = first else { return first }
        if case .noFrame(isZero: true) = defect { return first }
        window.forget()
        return try attempt(end: end)
    }

    /// The same, where only what is wrong matters; `nil`: it stepped over the frame.
    func defect(end: UInt64) throws(EventLogError) -> FrameDefect? {
        if case .stopped(let defect) = try step(end: end) { defect } else { nil }
    }

    private func attempt(end: UInt64) throws(EventLogError) -> Step {
        // A seal is the last frame, whatever follows.
        guard seal == nil else { return .stopped(.noFrame(isZero: false)) }
        switch try window.frame(at: expectation.byteOffset, end: end) {
        case .defect(let defect): return .stopped(defect)
        case .frame(let header, let frame): return step(header, frame)
        }
    }

    /// Checks bytes as the next frame and steps over it: those of the file, or corrected ones.
    func step(_ header: FrameHeader, _ frame: UnsafeRawBufferPointer) -> Step {
        invariant(seal == nil, "FrameWalker: nothing follows a seal")
        do throws(FrameDefect) {
            try expectation.check(header, segmentTag: segmentTag)
            if isChainUnknown {
                try expectation.checkPayload(header, frame: frame)
            } else {
                try expectation.check(header, frame: frame, hash: hash)
            }
            try take(header, frame)
        } catch {
            return .stopped(error)
        }
        // A seal tells about the frames before it, not about itself.
        if header.kind != .seal {
            tally.add(header, bytes: frame.slice(0, FrameHeader.byteCount), hash: hash)
        }
        let before = expectation
        expectation.advance(over: header)
        isChainUnknown = false
        invariant(
            expectation.byteOffset == before.byteOffset + UInt64(frame.count),
            "FrameWalker: a step goes over the frame's bytes")
        invariant(
            expectation.batchNumber == before.batchNumber + UInt64(header.batchCount),
            "FrameWalker: no batch is stepped over unseen")
        invariant(
            expectation.frameNumber == before.frameNumber + 1,
            "FrameWalker: no frame is stepped over unseen")
        invariant(
            expectation.position.rawValue == before.position.rawValue + UInt64(header.eventCount),
            "FrameWalker: no event is stepped over unseen")
        invariant(expectation.time >= before.time, "FrameWalker: times do not go back")
        return .frame(header, frame)
    }

    /// Looks into the payload.
    private func take(_ header: FrameHeader, _ frame: UnsafeRawBufferPointer) throws(FrameDefect) {
        switch header.kind {
        case .batches:
            guard let before = frontier else { return }
            let raw = try FramePayload.raw(of: header, frame: frame, scratch: scratch)
            frontier = try adding(header, raw, to: before)
        case .seal:
            let raw = try FramePayload.raw(of: header, frame: frame, scratch: scratch)
            seal = (header, try Seal(decoding: raw))
        case .note:
            let raw = try FramePayload.raw(of: header, frame: frame, scratch: scratch)
            if LogNote.holdsSchemas(raw) { lastNote = Array(raw) } else { lastRecord = Array(raw) }
        }
    }

    /// The tree with the leaves of a frame.
    private func adding(
        _ header: FrameHeader, _ raw: UnsafeRawBufferPointer, to before: MerkleFrontier
    ) throws(FrameDefect) -> MerkleFrontier {
        var edge = before
        do {
            _ = try FramePayload.visit(header, raw: raw, tables: tables) { batch in
                try batch.validate()
                edge.append(leaf: hash.merkleLeaf(of: batch.message), hash: hash)
                return true
            }
        } catch {
            throw .content("\(error)")
        }
        invariant(
            edge.size == before.size + UInt64(header.batchCount), "FrameWalker: one leaf a batch")
        return edge
    }
}

// MARK: - Going on behind damage

extension FrameWalker {
    /// Steps over a frame whose header is right although something else is not.
    func stepOver(_ header: FrameHeader) {
        invariant(
            header.byteOffset == expectation.byteOffset,
            "FrameWalker: what is stepped over stands where the next frame should")
        invariant(seal == nil, "FrameWalker: nothing is stepped over behind a seal")
        expectation.advance(over: header)
        isChainUnknown = false
        if header.kind == .batches { frontier = nil }
    }

    /// Goes on at a frame that was found behind damage; what lies before it stays unknown.
    func resume(at header: FrameHeader) {
        invariant(
            header.byteOffset > expectation.byteOffset, "FrameWalker: it goes on behind the damage")
        invariant(seal == nil, "FrameWalker: no frame is looked for behind a seal")
        expectation = FrameExpectation(
            byteOffset: header.byteOffset, frameNumber: header.frameNumber,
            batchNumber: header.firstBatchNumber, position: header.firstPosition,
            time: header.time, writerEpoch: header.writerEpoch, chain: .zero)
        isChainUnknown = true
        frontier = nil
    }
}
