package import DaybookCore

/// Every hash of the format, in one place; each begins with bytes that no other one begins with.
///
/// Format: Schemas/log/FORMAT.md, Checksums. Source of the Merkle rules: RFC 6962 section 2.1.
extension HashFunction {
    /// The chain before the first frame; binds the log's id.
    package func genesisChain(of log: LogID) -> Digest {
        var domain = Array("daybook log genesis 1\n".utf8)
        withUnsafeBytes(of: log.rawValue.bigEndian) { domain.append(contentsOf: $0) }
        return domain.withUnsafeBytes { digest($0) }
    }

    /// The chain after a frame: covers everything before it, its portable header and its payload.
    func chain(
        after previous: Digest, header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer
    ) -> Digest {
        invariant(
            header.count == FrameHeader.portableByteCount,
            "LogHashes: the chain covers the portable part of a header")
        return tagged(0x02, previous, header, rest: payload)
    }

    /// The leaf of one uncompressed batch message.
    package func merkleLeaf(of batch: UnsafeRawBufferPointer) -> Digest {
        withUnsafeBytes(of: UInt8(0)) { digest($0, batch) }
    }

    func merkleNode(_ left: Digest, _ right: Digest) -> Digest {
        right.withUnsafeBytes { tagged(0x01, left, $0) }
    }

    /// The root of the empty tree: the hash of nothing.
    var emptyTreeRoot: Digest { digest(UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// The header digest of a segment: starts with its header …
    func headerDigest(ofSegmentHeader header: UnsafeRawBufferPointer) -> Digest {
        invariant(
            header.count == SegmentHeader.byteCount, "LogHashes: the digest covers a whole header")
        return withUnsafeBytes(of: UInt8(3)) { digest($0, header) }
    }

    /// … and takes in each frame header, so that it covers what the chain leaves out.
    func headerDigest(after previous: Digest, frameHeader: UnsafeRawBufferPointer) -> Digest {
        invariant(
            frameHeader.count == FrameHeader.byteCount,
            "LogHashes: the digest covers whole headers of frames")
        return tagged(0x04, previous, frameHeader)
    }

    /// What the next segment's header keeps of this one's seal and trailer.
    func sealDigest(of bytes: UnsafeRawBufferPointer) -> Digest {
        withUnsafeBytes(of: UInt8(5)) { digest($0, bytes) }
    }

    /// Four bytes that only frames of this segment of this log carry.
    package func segmentTag(salt: Digest, segment number: UInt64) -> UInt32 {
        withUnsafeBytes(of: number.littleEndian) { number in
            salt.withUnsafeBytes { salt in digest(salt, number) }
        }
        .withUnsafeBytes { $0.uint32(at: 0) }
    }

    private func tagged(
        _ prefix: UInt8, _ previous: Digest, _ fixed: UnsafeRawBufferPointer,
        rest: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> Digest {
        // Gathered, since a call of the hash for each small part costs more than hashing it.
        withUnsafeTemporaryAllocation(byteCount: 33 + fixed.count, alignment: 8) { head in
            head[0] = prefix
            previous.withUnsafeBytes { head.copy($0, at: 1) }
            head.copy(fixed, at: 33)
            return digest(UnsafeRawBufferPointer(head), rest)
        }
    }
}
