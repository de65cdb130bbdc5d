internal import DaybookCore

/// Builds a damaged end of a sealed segment anew from its frames. A pure function of bytes.
///
/// Everything in seal, sparse index and trailer follows from the frames, except for the seal's time
/// and writer epoch. Those are in the seal's own header, or else the ones with which the next segment
/// began; the digest in the next segment's header decides whether the bytes are the old ones.
struct SealRebuild {
    let hash: HashFunction
    let header: SegmentHeader
    let headerBytes: [UInt8]
    let segmentTag: UInt32
    /// Behind the last frame before the seal.
    let expectation: FrameExpectation
    let tally: SegmentTally
    let frontier: MerkleFrontier
    let next: SegmentHeader?

    struct Result {
        var frame: [UInt8]
        var proposal: ProposedRepair
    }

    /// - Parameter old: from the seal's place to the end of the file.
    /// - Returns: `nil` unless the rebuilt bytes are proven to be those that were written.
    func propose(_ old: UnsafeRawBufferPointer) -> Result? {
        for (time, epoch) in candidates(old) {
            for wentBack in [false, true] {
                let end = build(time: time, epoch: epoch, clockWentBack: wentBack)
                guard end.bytes.count == old.count else { return nil }
                guard let proof = proof(end.bytes, end.chain, old) else { continue }
                guard
                    let proposal = ProposedRepair(
                        from: old, to: end.bytes, at: expectation.byteOffset, proof: proof)
                else { return nil }
                let frame = end.bytes.dropLast(SegmentTrailer.byteCount)
                return Result(frame: Array(frame), proposal: proposal)
            }
        }
        return nil
    }

    /// Times and epochs that the seal may have.
    private func candidates(_ old: UnsafeRawBufferPointer) -> [(Instant, UInt32)] {
        var found: [(Instant, UInt32)] = []
        if let intact = intactHeader(old) { found.append((intact.time, intact.writerEpoch)) }
        if let next {
            for time in [next.createdAt, expectation.time] {
                for epoch in Set([next.writerEpoch, expectation.writerEpoch]).sorted() {
                    found.append((time, epoch))
                }
            }
        }
        return found
    }

    private func intactHeader(_ old: UnsafeRawBufferPointer) -> FrameHeader? {
        guard old.count >= FrameHeader.byteCount else { return nil }
        do throws(FrameDefect) {
            let header = try FrameHeader(decoding: old.slice(0, FrameHeader.byteCount))
            try expectation.check(header, segmentTag: segmentTag)
            return header.kind == .seal ? header : nil
        } catch {
            return nil
        }
    }

    private func proof(_ new: [UInt8], _ chain: Digest, _ old: UnsafeRawBufferPointer)
        -> ProposedRepair.Proof?
    {
        if let next {
            let digest = new.withUnsafeBytes { hash.sealDigest(of: $0) }
            return digest == next.previousSeal && chain == next.chain ? .sealDigest : nil
        }
        return intactHeader(old)?.chain == chain ? .chain : nil
    }

    private func build(time: Instant, epoch: UInt32, clockWentBack: Bool)
        -> (bytes: [UInt8], chain: Digest)
    {
        let seal = Seal(
            headerCopy: headerBytes, tally: tally, nextFrameNumber: expectation.frameNumber + 1,
            nextBatchNumber: expectation.batchNumber, nextPosition: expectation.position,
            frontier: frontier, merkleRoot: frontier.root(hash: hash))
        let assembler = FrameAssembler(
            hash: hash, codec: .none, segmentTag: segmentTag, writerEpoch: epoch)
        let buffer = GrowingBuffer(capacity: 1 << 14)
        var place = expectation
        let clock =
            clockWentBack ? Instant(microseconds: max(place.time.microseconds, .min + 1) - 1) : time
        seal.encoded.withUnsafeBytes { payload in
            _ = assembler.append(
                .init(kind: .seal), assembler.payload(payload, kind: .seal), following: &place,
                at: clock, durableOffset: expectation.byteOffset, to: buffer)
        }
        SegmentTrailer(
            logID: header.logID, segmentNumber: header.number, sealOffset: expectation.byteOffset,
            sealByteCount: place.byteOffset - expectation.byteOffset
        ).encode(into: buffer.extend(by: SegmentTrailer.byteCount))
        return (Array(buffer.used), place.chain)
    }
}
