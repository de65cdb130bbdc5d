internal import DaybookCore

/// A damaged slot of the commit mark, corrected by its checksum and waiting for its proof.
struct MarkRepair {
    let mark: CommitMark
    /// What the log says at the place that the corrected mark names; `nil` when it has no such place.
    var truth: FrameExpectation?
    private let offset: Int
    private let old: [UInt8]
    private let new: [UInt8]

    /// - Parameter bytes: the whole file.
    /// - Returns: `nil` when no single bit explains the checksum.
    init?(slot index: Int, in bytes: [UInt8]) {
        guard bytes.count == MarkFile.byteCount else { return nil }
        offset = Int(MarkFile.slotOffsets[index])
        old = Array(bytes[offset..<(offset + CommitMark.byteCount)])
        var corrected = old
        guard ChecksumSyndrome.correct(&corrected, checksumOffset: CommitMark.byteCount - 4),
            case .valid(let mark) = corrected.withUnsafeBytes({
                CommitMark.slot(decoding: $0, parity: UInt64(index))
            })
        else { return nil }
        self.mark = mark
        new = corrected
    }

    /// The correction with its proof.
    ///
    /// - Parameter newest: the mark that counts while this one is unreadable.
    /// - Returns: `nil` when the log does not confirm a slot that would decide something.
    func proposal(newest: CommitMark?, hash: HashFunction) -> ProposedRepair? {
        let proof: ProposedRepair.Proof
        if agrees(hash) {
            proof = .logAgrees
        } else if let newest, newest.generation > mark.generation, newest.logID == mark.logID {
            proof = .otherSlot
        } else {
            return nil
        }
        return old.withUnsafeBytes {
            ProposedRepair(from: $0, to: new, at: UInt64(offset), proof: proof)
        }
    }

    private func agrees(_ hash: HashFunction) -> Bool {
        if mark.segmentNumber == 0 {
            return mark.chain == hash.genesisChain(of: mark.logID) && mark.nextFrameNumber == 1
                && mark.nextBatchNumber == 1 && mark.nextPosition.rawValue == 1
        }
        guard let truth else { return false }
        return mark.chain == truth.chain && mark.nextFrameNumber == truth.frameNumber
            && mark.nextBatchNumber == truth.batchNumber && mark.nextPosition == truth.position
    }

    /// Zeros outside the slots.
    static func clearing(_ bytes: [UInt8]) -> ProposedRepair? {
        guard bytes.count == MarkFile.byteCount else { return nil }
        var cleared = bytes
        for start in MarkFile.slotOffsets.map(Int.init) {
            for index in (start + CommitMark.byteCount)..<(start + 4096) { cleared[index] = 0 }
        }
        return bytes.withUnsafeBytes {
            ProposedRepair(from: $0, to: cleared, at: 0, proof: .zero)
        }
    }
}
