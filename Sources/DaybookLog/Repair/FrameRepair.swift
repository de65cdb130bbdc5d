internal import DaybookCore

/// Corrects one damaged frame, given everything before it. A pure function of bytes.
///
/// At most one bit of the header and one of the payload are corrected by their checksums, and the
/// padding is cleared; then the recomputed chain must be the stored one. The chain is SHA-256 over
/// the portable header, the payload and all frames before, so an agreement proves every one of those
/// bits. What the chain does not cover has one possible value: the frame's own offset, the segment
/// tag, zeros, the checksum; and the durable offset, which must be an earlier frame's end.
struct FrameRepair {
    let hash: HashFunction
    let segmentTag: UInt32?
    /// What the frame must say; its chain is known for certain.
    let expectation: FrameExpectation
    /// The durable offset of the frame before.
    let lastDurableOffset: UInt64
    /// Whether a frame ends, or the first one begins, at an offset.
    let isFrameEnd: (UInt64) -> Bool

    struct Result {
        var header: FrameHeader
        /// Header, payload and padding as they were written.
        var frame: [UInt8]
        var proposal: ProposedRepair
    }

    /// How long the frame is once its header is right; `nil` when the header cannot be corrected.
    ///
    /// - Parameter bytes: 128 bytes.
    func frameByteCount(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        correctedHeader(bytes)?.0.frameByteCount
    }

    /// - Parameter bytes: the frame, and maybe more.
    /// - Returns: `nil` when nothing is wrong or the bytes cannot be proven.
    func propose(_ bytes: UnsafeRawBufferPointer) -> Result? {
        guard bytes.count >= FrameHeader.byteCount,
            let (header, headerBytes) = correctedHeader(bytes)
        else { return nil }
        guard header.frameByteCount <= UInt64(bytes.count) else { return nil }
        var frame = headerBytes
        let old = bytes.slice(0, Int(header.frameByteCount))
        frame += old[FrameHeader.byteCount...]
        guard correctPayload(&frame, header) else { return nil }
        let isProven = frame.withUnsafeBytes { frame -> Bool in
            do throws(FrameDefect) {
                try expectation.check(header, frame: frame, hash: hash)
                return true
            } catch {
                return false
            }
        }
        guard isProven else { return nil }
        guard
            let proposal = ProposedRepair(
                from: old, to: frame, at: expectation.byteOffset,
                proof: proof(header, old: old, new: frame))
        else { return nil }
        return Result(header: header, frame: frame, proposal: proposal)
    }

    private func correctedHeader(_ bytes: UnsafeRawBufferPointer) -> (FrameHeader, [UInt8])? {
        let old = bytes.slice(0, FrameHeader.byteCount)
        var corrected = Array(old)
        guard ChecksumSyndrome.correct(&corrected, checksumOffset: FrameHeader.byteCount - 4)
        else { return nil }
        let header = corrected.withUnsafeBytes { corrected -> FrameHeader? in
            do throws(FrameDefect) {
                let header = try FrameHeader(decoding: corrected)
                try expectation.check(header, segmentTag: segmentTag)
                return header
            } catch {
                return nil
            }
        }
        guard let header else { return nil }
        if header.durableOffset != old.uint64(at: 112) {
            guard isFrameEnd(header.durableOffset), header.durableOffset >= lastDurableOffset
            else { return nil }
        }
        return (header, corrected)
    }

    private func correctPayload(_ frame: inout [UInt8], _ header: FrameHeader) -> Bool {
        let start = FrameHeader.byteCount
        let end = start + Int(header.storedByteCount)
        for index in end..<frame.count { frame[index] = 0 }
        let computed = frame.withUnsafeBytes {
            Checksum.crc32c($0.slice(start, end - start))
        }
        guard computed != header.payloadChecksum else { return true }
        // The stored checksum is covered by the header's, which is right.
        guard
            case .covered(let byteOffset, let bit) = ChecksumSyndrome.candidate(
                stored: header.payloadChecksum, computed: computed, byteCount: end - start)
        else { return false }
        frame[start + byteOffset] ^= 1 << UInt8(bit)
        return true
    }

    private func proof(_ header: FrameHeader, old: UnsafeRawBufferPointer, new: [UInt8])
        -> ProposedRepair.Proof
    {
        let payloadEnd = FrameHeader.byteCount + Int(header.storedByteCount)
        let changed = new.indices.filter { old[$0] != new[$0] }
        if changed.allSatisfy({ $0 >= payloadEnd }) { return .zero }
        // The chain covers [0, 72) and the payload and stands in [72, 104).
        if changed.allSatisfy({ (104..<FrameHeader.byteCount).contains($0) }) {
            return .knownValue
        }
        return .chain
    }
}
