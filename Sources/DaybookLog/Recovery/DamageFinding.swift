public import DaybookCore

/// One place where the log is not what it should be.
public struct DamageFinding: Hashable, Sendable {
    public enum Kind: String, Sendable, Codable {
        /// Bytes that should be right are not.
        case corrupt = "CORRUPT"
        /// A file or its end is missing.
        case missing = "MISSING"
        /// Never acknowledged residue of a crash; the next start moves it to quarantine.
        case torn = "TORN"
    }

    public var kind: Kind
    public var file: String
    /// The segment's number; `nil` for other files.
    public var segment: UInt64?
    /// Half-open; the damage lies inside.
    public var byteRange: Range<UInt64>
    /// The batch that should begin there.
    public var expectedBatch: UInt64?
    /// First and last position that cannot be trusted; `nil` when no event is affected.
    public var positions: ClosedRange<LogPosition>?
    /// How it was noticed.
    public var evidence: String
    /// What would put it right, with the proof; `nil` when nothing is proven.
    public var repair: ProposedRepair?

    public init(
        kind: Kind, file: String, segment: UInt64?, byteRange: Range<UInt64>,
        expectedBatch: UInt64? = nil, positions: ClosedRange<LogPosition>? = nil, evidence: String,
        repair: ProposedRepair? = nil
    ) {
        self.kind = kind
        self.file = file
        self.segment = segment
        self.byteRange = byteRange
        self.expectedBatch = expectedBatch
        self.positions = positions
        self.evidence = evidence
        self.repair = repair
    }
}

extension DamageFinding: CustomStringConvertible {
    /// One line:
    /// `CORRUPT segment=7 range=[1048640,1049312) expected_batch=91822 positions=[402117,…] …`.
    public var description: String {
        var text = kind.rawValue + (segment.map { " segment=\($0)" } ?? " file=\(file)")
        text += " range=[\(byteRange.lowerBound),\(byteRange.upperBound))"
        if let expectedBatch { text += " expected_batch=\(expectedBatch)" }
        if let positions {
            text += " positions=[\(positions.lowerBound),\(positions.upperBound)]"
        }
        text += " evidence=\(evidence)"
        return repair.map { text + " \($0)" } ?? text
    }
}
