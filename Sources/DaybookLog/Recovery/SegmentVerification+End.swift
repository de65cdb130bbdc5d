internal import DaybookCore

/// What stands behind the frames: seal, trailer, mark.
extension SegmentVerification {
    /// Whether the seal says what the frames say; comparable only when nothing before is damaged.
    mutating func checkSeal(
        _ frame: FrameHeader, _ seal: Seal, _ walker: FrameWalker, at place: FrameExpectation
    ) {
        invariant(
            frame.byteOffset == place.byteOffset, "SegmentVerification: the seal was the last step")
        invariant(
            frame.endOffset == walker.expectation.byteOffset,
            "SegmentVerification: nothing was stepped over behind the seal")
        let range = frame.byteOffset..<frame.endOffset
        if header != nil, seal.headerCopy != headerBytes {
            report(range, "seal-header-copy-differs")
        }
        if seal.nextBatchNumber != place.batchNumber || seal.nextPosition != place.position
            || seal.nextFrameNumber != frame.frameNumber + 1
        {
            report(range, "seal-numbers")
        }
        if let frontier = walker.frontier {
            if seal.frontier != frontier || seal.merkleRoot != frontier.root(hash: hash) {
                report(range, "merkle-root-differs")
            }
        } else if seal.merkleRoot != seal.frontier.root(hash: hash) {
            report(range, "merkle-root-differs")
        }
        guard isProvenSoFar, walker.tally != seal.tally else { return }
        report(range, "seal-statistics-differ")
    }

    /// Behind the seal stands the trailer and nothing else.
    mutating func checkEnd(after walker: FrameWalker) throws(EventLogError) {
        let sealEnd = walker.expectation.byteOffset
        invariant(
            sealEnd >= UInt64(SegmentHeader.byteCount + FrameHeader.byteCount),
            "SegmentVerification: a seal stands behind the header")
        invariant(
            sealEnd <= byteCount, "SegmentVerification: a seal that was walked over is in the file")
        let end = sealEnd + UInt64(SegmentTrailer.byteCount)
        if let trailer, trailer.fileByteCount == end, trailer.segmentNumber == number,
            trailer.logID == (header?.logID ?? trailer.logID)
        {
            return
        }
        if isActive {
            // The file was not cut yet: an interrupted rotation, which the next start completes.
            report(sealEnd..<byteCount, "rotation-interrupted", kind: .torn)
        } else if byteCount == end {
            report(
                sealEnd..<end, "trailer-checksum", repair: try correctedTrailer(walker, sealEnd))
        } else {
            let ends = [byteCount, end].sorted()
            report(
                ends[0]..<ends[1], "file-length=\(byteCount)-expected=\(end)", kind: .missing)
        }
    }

    /// Keeps seal and trailer for the next segment's link.
    mutating func readSealedEnd(_ walker: FrameWalker, _ segmentTag: UInt32?)
        throws(EventLogError)
    {
        guard let (frame, seal) = walker.seal else {
            guard let header, !isActive, trailer == nil else { return }
            let ends = [byteCount, header.byteCount].sorted()
            report(
                ends[0]..<ends[1],
                "file-length=\(byteCount)-expected=\(header.byteCount)-and-no-seal",
                kind: .missing)
            return
        }
        invariant(
            frame.endOffset <= byteCount, "SegmentVerification: a seal that was read is in the file"
        )
        let bytes = try correctedEnd(from: frame.byteOffset)
        sealedEnd = SegmentFile.SealedEnd(
            seal: seal, frame: frame,
            digest: bytes.withUnsafeBytes { hash.sealDigest(of: $0) })
    }

    /// The mark names a chain and numbers; the frames must have led to them.
    mutating func checkMark(_ walker: FrameWalker) {
        guard let mark, mark.segmentNumber == number, isProvenSoFar else { return }
        invariant(
            (atMark?.byteOffset ?? mark.durableOffset) == mark.durableOffset,
            "SegmentVerification: the mark was met where it points")
        if let atMark {
            // What opening compares, so that both judge alike.
            let agrees =
                atMark.chain == mark.chain && atMark.position == mark.nextPosition
                && atMark.batchNumber == mark.nextBatchNumber
            guard !agrees else { return }
            report(
                UInt64(SegmentHeader.byteCount)..<mark.durableOffset,
                "mark-and-frames-disagree@\(mark.durableOffset)")
        } else {
            report(
                walker.expectation
                    .byteOffset..<max(
                        mark.durableOffset, walker.expectation.byteOffset + 1),
                "no-frame-ends-at-mark.durable_offset=\(mark.durableOffset)",
                expectedBatch: walker.expectation.batchNumber)
        }
    }
}
