internal import DaybookCore

/// What verification can put right while it goes by: each finding gets its repair and proof, and the
/// walk goes on with the bytes as they were written.
extension SegmentVerification {
    /// The header by its copy in the seal, or by the one bit that its checksum points at; confirmed
    /// after the walk.
    mutating func guessHeader() throws(EventLogError) {
        invariant(!findings.isEmpty, "SegmentVerification: what is guessed about was reported")
        let copy = try HeaderRepair.sealCopy(inEndOf: file, byteCount: byteCount)
        guard let guess = copy ?? HeaderRepair.singleBit(headerBytes),
            guess.header.number == number, brokenLink(guess.header) == nil
        else { return }
        headerGuess = (guess, headerBytes, findings.count - 1)
        headerBytes = guess.bytes
        header = guess.header
    }

    mutating func confirmHeader(_ walker: FrameWalker) {
        guard let (guess, damaged, finding) = headerGuess else { return }
        invariant(
            header?.number == number && headerBytes == guess.bytes,
            "SegmentVerification: the walk used the header that it confirms")
        invariant(
            findings[finding].byteRange.lowerBound == 0,
            "SegmentVerification: a header's guess answers a finding about it")
        let proof: ProposedRepair.Proof
        if let seal = walker.seal {
            guard seal.content.headerCopy == guess.bytes else { return }
            proof = .sealCopy
        } else {
            guard !guess.isSealCopy, byteCount == guess.header.byteCount else { return }
            proof = HeaderRepair.proof(
                of: guess, damaged: damaged, firstFrame: firstFrame,
                isSaltKnown: knownHeader != nil)
        }
        findings[finding].repair = damaged.withUnsafeBytes {
            ProposedRepair(from: $0, to: guess.bytes, at: 0, proof: proof)
        }
    }

    /// Corrects the frame, or the seal, that should stand here, reports it with its proof and steps
    /// over it.
    ///
    /// - Returns: `false` when nothing is proven; then nothing was reported.
    mutating func stepOverCorrected(
        _ walker: FrameWalker, _ defect: FrameDefect, _ segmentTag: UInt32?
    ) throws(EventLogError) -> Bool {
        guard !walker.isChainUnknown, walker.seal == nil else { return false }
        switch defect {
        case .noFrame(isZero: true), .content, .decompression: break
        default: if try stepOverFrame(walker, defect, segmentTag) { return true }
        }
        return try stepOverSeal(walker, defect, segmentTag)
    }

    private mutating func stepOverFrame(
        _ walker: FrameWalker, _ defect: FrameDefect, _ segmentTag: UInt32?
    ) throws(EventLogError) -> Bool {
        let place = walker.expectation
        guard framesEnd > place.byteOffset else { return false }
        let available = framesEnd - place.byteOffset
        let ends = frameEnds
        let repair = FrameRepair(
            hash: hash, segmentTag: segmentTag, expectation: place,
            lastDurableOffset: lastDurableOffset,
            isFrameEnd: { $0 == UInt64(SegmentHeader.byteCount) || ends.contains($0) })
        let header = try file.bytes(at: place.byteOffset, count: FrameHeader.byteCount)
        guard header.count == FrameHeader.byteCount,
            let wanted = header.withUnsafeBytes({ repair.frameByteCount($0) }), wanted <= available
        else { return false }
        let bytes = try file.bytes(at: place.byteOffset, count: Int(wanted))
        guard let result = bytes.withUnsafeBytes({ repair.propose($0) }),
            isStepped(walker, result.header, result.frame)
        else { return false }
        invariant(
            result.header.byteOffset == place.byteOffset,
            "SegmentVerification: a frame is corrected where it stands")
        invariant(
            result.proposal.byteRange.upperBound <= result.header.endOffset,
            "SegmentVerification: a correction stays in its frame")
        invariant(
            result.proposal.byteRange.lowerBound >= place.byteOffset,
            "SegmentVerification: a correction begins in its frame")
        invariant(
            walker.expectation.byteOffset == result.header.endOffset,
            "SegmentVerification: the walk goes on behind what is corrected")
        count(result.header)
        reportFrame(result.header, place, defect, repair: result.proposal)
        return true
    }

    /// Builds seal, sparse index and trailer anew.
    private mutating func stepOverSeal(
        _ walker: FrameWalker, _ defect: FrameDefect, _ segmentTag: UInt32?
    ) throws(EventLogError) -> Bool {
        let place = walker.expectation
        guard !isActive, let header, let segmentTag, let frontier = walker.frontier,
            byteCount > place.byteOffset,
            byteCount - place.byteOffset <= Seal.reservedByteCount(inSegmentOf: header.byteCount)
        else { return false }
        let old = try file.bytes(
            at: place.byteOffset, count: Int(byteCount - place.byteOffset))
        let rebuild = SealRebuild(
            hash: hash, header: header, headerBytes: headerBytes, segmentTag: segmentTag,
            expectation: place, tally: walker.tally, frontier: frontier, next: try nextHeader())
        guard let result = old.withUnsafeBytes({ rebuild.propose($0) }),
            UInt64(old.count) == byteCount - place.byteOffset
        else { return false }
        let frame = result.frame.withUnsafeBytes { frame in
            try? FrameHeader(decoding: frame.slice(0, FrameHeader.byteCount))
        }
        guard let frame, isStepped(walker, frame, result.frame) else { return false }
        invariant(walker.seal != nil, "SegmentVerification: what is rebuilt is the seal")
        invariant(
            frame.endOffset + UInt64(SegmentTrailer.byteCount) == byteCount,
            "SegmentVerification: seal and trailer end the file")
        count(frame)
        report(
            place.byteOffset..<byteCount, "\(defect)", expectedBatch: place.batchNumber,
            repair: result.proposal)
        trailer = SegmentTrailer(
            logID: header.logID, segmentNumber: number, sealOffset: frame.byteOffset,
            sealByteCount: frame.frameByteCount)
        return true
    }

    private func isStepped(_ walker: FrameWalker, _ header: FrameHeader, _ frame: [UInt8]) -> Bool {
        frame.withUnsafeBytes { frame in
            if case .frame = walker.step(header, frame) { true } else { false }
        }
    }

    private func nextHeader() throws(EventLogError) -> SegmentHeader? {
        let bytes: [UInt8]
        do throws(EventLogError) {
            let next = try storage.open(LogFileName.segment(number + 1), .read)
            bytes = try next.bytes(at: 0, count: SegmentHeader.byteCount)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        guard bytes.count == SegmentHeader.byteCount else { return nil }
        return HeaderRepair.singleBit(bytes)?.header
    }
}

// MARK: - Behind the frames

extension SegmentVerification {
    /// Zeros where the format says so.
    func clearing(_ range: Range<UInt64>) throws(EventLogError) -> ProposedRepair? {
        invariant(range.upperBound <= byteCount, "SegmentVerification: only the file is cleared")
        let old = try file.bytes(at: range.lowerBound, count: range.count)
        return old.withUnsafeBytes {
            ProposedRepair(
                from: $0, to: Array(repeating: 0, count: old.count), at: range.lowerBound,
                proof: .closedCleanly)
        }
    }

    /// The trailer that the seal and the file's length determine.
    func correctedTrailer(_ walker: FrameWalker, _ sealEnd: UInt64) throws(EventLogError)
        -> ProposedRepair?
    {
        guard let seal = walker.seal, let header else { return nil }
        let old = try file.bytes(at: sealEnd, count: SegmentTrailer.byteCount)
        guard old.count == SegmentTrailer.byteCount else { return nil }
        var new = old
        new.withUnsafeMutableBytes { new in
            SegmentTrailer(
                logID: header.logID, segmentNumber: number, sealOffset: seal.header.byteOffset,
                sealByteCount: seal.header.frameByteCount
            ).encode(into: new)
        }
        return old.withUnsafeBytes {
            ProposedRepair(from: $0, to: new, at: sealEnd, proof: .knownValue)
        }
    }

    /// Seal and trailer as they were written: what the next segment's header has the digest of.
    func correctedEnd(from start: UInt64) throws(EventLogError) -> [UInt8] {
        var bytes = try file.bytes(at: start, count: Int(byteCount - start))
        // A running writer may have cut the file meanwhile.
        let end = start + UInt64(bytes.count)
        for repair in findings.compactMap(\.repair) {
            for replacement in repair.replacements
            where replacement.byteOffset >= start && replacement.endOffset <= end {
                let index = Int(replacement.byteOffset - start)
                bytes.replaceSubrange(
                    index..<(index + replacement.new.count), with: replacement.new)
            }
        }
        invariant(
            start + UInt64(bytes.count) == end,
            "SegmentVerification: a correction makes nothing longer")
        return bytes
    }
}
