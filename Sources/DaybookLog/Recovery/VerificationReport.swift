public import DaybookCore

/// How far a verification looks into a log.
public enum VerificationDepth: Hashable, Sendable {
    /// Every byte as it is stored: checksums, chain, numbers, seals, marks, indexes. The chain covers the
    /// stored bytes, so nothing of them can have changed; what they say is not looked at.
    case stored
    /// Also what they say: each payload decompressed, each batch read and its leaf in the Merkle tree.
    case content
}

/// What checking every byte of a log found.
public struct VerificationReport: Hashable, Sendable {
    public var logID: LogID?
    public var segmentCount = 0
    public var frameCount: UInt64 = 0
    public var batchCount: UInt64 = 0
    public var eventCount: UInt64 = 0
    public var byteCount: UInt64 = 0
    /// Behind the last valid frame.
    public var head: LogHead?
    /// Over all batches; `nil` when damage makes it unknowable, or batches were not looked at.
    public var merkleRoot: Digest?
    public var findings: [DamageFinding] = []
    /// Of `index/`, which is derived: says nothing about whether the log is sound.
    public var indexes = IndexReport()

    public init() {}

    /// Nothing acknowledged is damaged or missing. A torn write that the next start will clear does
    /// not count.
    public var isSound: Bool { findings.allSatisfy { $0.kind == .torn } }
}

/// How far a verification is.
public struct VerifiedSoFar: Hashable, Sendable {
    /// Segments that are finished, of how many.
    public var segmentCount: Int
    public var totalSegmentCount: Int
    public var batchCount: UInt64
    public var byteCount: UInt64
    public var findingCount: Int
}

extension VerificationReport: CustomStringConvertible {
    /// The findings, one a line, and a summary.
    public var description: String {
        var lines = findings.map(\.description)
        let what =
            "\(segmentCount) segments, \(frameCount) frames, \(batchCount) batches, "
            + "\(eventCount) events, \(byteCount) bytes"
        lines.append(isSound ? "OK \(what)" : "DAMAGED \(findings.count) findings in \(what)")
        return lines.joined(separator: "\n")
    }
}
