/// What would make damaged bytes right again, and why that is certain.
public struct ProposedRepair: Hashable, Sendable {
    /// Why the proposed bytes are the ones that were written.
    public enum Proof: String, Sendable, Codable {
        /// SHA-256 over everything before and the corrected bytes is the stored chain.
        case chain = "chain-match"
        /// The bytes can have one value only: a place, a length, what the segment before says.
        case knownValue = "known-value"
        /// The format says zero there.
        case zero = "must-be-zero"
        /// The log was closed in good order and ended before these bytes.
        case closedCleanly = "closed-cleanly"
        /// The copy in the seal, which the chain covers.
        case sealCopy = "seal-copy"
        /// Built anew from the frames; equal to the digest in the next segment's header.
        case sealDigest = "seal-digest-match"
        /// The log itself has this chain and these numbers at this place.
        case logAgrees = "log-agrees"
        /// The other slot of the mark is newer: this one decides nothing.
        case otherSlot = "other-slot"
        /// Only the checksum says so, of a field from which nothing follows. Needs a decision.
        case checksum = "checksum-only"
    }

    /// Bytes to be replaced.
    public struct Replacement: Hashable, Sendable {
        public var byteOffset: UInt64
        public var old: [UInt8]
        /// As many as the old ones.
        public var new: [UInt8]

        var endOffset: UInt64 { byteOffset + UInt64(new.count) }
    }

    /// Ascending, not touching each other.
    public var replacements: [Replacement]
    public var proof: Proof

    /// Whether nothing but the checksum speaks for it, so that a person has to decide.
    public var needsDecision: Bool { proof == .checksum }

    /// The one bit that is wrong; `nil` when more are.
    public var flippedBit: (byteOffset: UInt64, bit: Int)? {
        guard replacements.count == 1, let only = replacements.first, only.new.count == 1 else {
            return nil
        }
        let difference = only.old[0] ^ only.new[0]
        guard difference.nonzeroBitCount == 1 else { return nil }
        return (only.byteOffset, difference.trailingZeroBitCount)
    }

    /// From the first to behind the last byte that changes.
    public var byteRange: Range<UInt64> {
        guard let first = replacements.first, let last = replacements.last else { return 0..<0 }
        return first.byteOffset..<(last.byteOffset + UInt64(last.new.count))
    }

    /// `nil` when nothing differs.
    init?(from old: UnsafeRawBufferPointer, to new: [UInt8], at start: UInt64, proof: Proof) {
        precondition(old.count == new.count, "ProposedRepair: a repair keeps every length")
        replacements = []
        self.proof = proof
        for index in new.indices where old[index] != new[index] {
            let byteOffset = start + UInt64(index)
            if let last = replacements.last,
                last.byteOffset + UInt64(last.new.count) == byteOffset
            {
                replacements[replacements.count - 1].old.append(old[index])
                replacements[replacements.count - 1].new.append(new[index])
            } else {
                replacements.append(
                    Replacement(byteOffset: byteOffset, old: [old[index]], new: [new[index]]))
            }
        }
        if replacements.isEmpty { return nil }
    }

    /// Puts the new bytes into the file's.
    func apply(to bytes: inout [UInt8]) {
        for replacement in replacements {
            let start = Int(replacement.byteOffset)
            bytes.replaceSubrange(start..<(start + replacement.new.count), with: replacement.new)
        }
    }
}

extension ProposedRepair: CustomStringConvertible {
    /// `repair=single-bit(offset=1048901 bit=3) proof=chain-match`
    public var description: String {
        let what: String
        if let flippedBit {
            what = "single-bit(offset=\(flippedBit.byteOffset) bit=\(flippedBit.bit))"
        } else {
            let count = replacements.reduce(0) { $0 + $1.new.count }
            what = "bytes(range=[\(byteRange.lowerBound),\(byteRange.upperBound)) count=\(count))"
        }
        return "repair=\(what) proof=\(proof.rawValue)"
    }
}
