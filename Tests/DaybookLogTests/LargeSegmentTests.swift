import DaybookCore
import Testing

@testable import DaybookLog

private let segment = "log-00000000000000000001.seg"

/// Segments that recovery reads with two threads.
private var largeOptions: EventLogOptions {
    var options = smallOptions(durability: .marked)
    options.firstSegmentByteCount = 4 << 20
    options.segmentByteCount = 4 << 20
    return options
}

private func open(_ disk: SimulatedDisk) throws(EventLogError) -> OpenedLog {
    try LogDirectory.open(
        storage: disk, options: largeOptions, hash: .sha256, clock: TestClock().read)
}

@Suite struct `Recovery of a large segment` {
    /// Twenty groups of one to five batches; the last one is not synced.
    private func killed() throws -> (SimulatedDisk, lastGroup: Range<Int>) {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: largeOptions, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        for number in 1...19 {
            for _ in 0...(number % 5) {
                _ = try log.writer.stage(
                    batch(event(order: UInt128(number)), event("Paid", order: UInt128(number))))
            }
            let group = try #require(log.writer.closeGroup())
            _ = try log.committer.commit(group)
        }
        let start = Int(log.committer.active.durable.byteOffset)
        disk.fail(.sync, with: 5, file: segment)
        #expect(throws: EventLogError.self) { try log.append(batch(event(order: 20))) }
        let end = (disk.bytes(segment).lastIndex { $0 != 0 } ?? 0) + 1
        return (disk, start..<end)
    }

    /// The tree over all batches, counted one by one.
    private func tree(of log: OpenedLog) throws -> MerkleFrontier {
        var frontier = MerkleFrontier()
        try log.reader.forEachBatch(from: .start, through: nil) { batch in
            frontier.append(
                leaf: HashFunction.sha256.merkleLeaf(of: batch.message), hash: .sha256)
            return true
        }
        return frontier
    }

    @Test
    func
        `given a last group cut anywhere, when opened, then the tree is that of the batches that are there, and the log goes on`()
        throws
    {
        let (disk, lastGroup) = try killed()
        for cut in stride(from: lastGroup.lowerBound, through: lastGroup.upperBound, by: 13) {
            let torn = disk.crashed { name, durable, pending in
                guard name == segment, let write = pending.last else { return durable }
                var bytes = durable
                let part = write.bytes.prefix(max(0, cut - write.offset))
                bytes.replaceSubrange(write.offset..<(write.offset + part.count), with: part)
                return bytes
            }
            let log = try open(torn)
            let frontier = try tree(of: log)
            let expected = frontier.root(hash: .sha256)
            #expect(log.committer.merkleTree.size == frontier.size, "cut at \(cut)")
            #expect(log.committer.merkleTree.root == expected, "cut at \(cut)")
            try log.append(batch(event(order: 21)))
            try log.committer.close()
            let report = try LogVerifier.verify(storage: torn, hash: .sha256)
            #expect(report.findings == [], "cut at \(cut)")
        }
    }

    /// One of the two threads went from the copy to what follows the original, and round for ever.
    @Test(.timeLimit(.minutes(1)))
    func
        `given a frame in the place of a later one, when opened, then it is refused, and that ends`()
        throws
    {
        let damaged = try killed().0.crashed(SimulatedDisk.losesPending)
        let frames = damaged.frames(ofSegment: 1)
        let later = try #require(
            frames.indices.last { index in
                frames[..<index].contains { $0.frameByteCount == frames[index].frameByteCount }
            })
        let earlier = try #require(
            frames.first { $0.frameByteCount == frames[later].frameByteCount })
        damaged.change(segment) { bytes in
            let copy = bytes[Int(earlier.byteOffset)..<Int(earlier.endOffset)]
            bytes.replaceSubrange(
                Int(frames[later].byteOffset)..<Int(frames[later].endOffset), with: Array(copy))
        }
        let error = #expect(throws: EventLogError.self) { try open(damaged) }
        #expect(error?.code == .damaged)
    }

    @Test func `given a last frame with wrong content, when opened, then one thread judges it`()
        throws
    {
        let forged = try killed().0.crashed(SimulatedDisk.losesPending)
        let frames = forged.frames(ofSegment: 1)
        forged.rewriteFrame(frames[frames.count - 1], after: frames[frames.count - 2].chain) {
            $0[44] += 1
        }
        let error = #expect(throws: EventLogError.self) { try open(forged) }
        #expect(
            error?.finding?.evidence.hasPrefix("content(fewer than the frame's header says)")
                == true)
    }

    @Test
    func `given a flipped bit anywhere in the durable frames, when opened, then it is refused`()
        throws
    {
        let (disk, lastGroup) = try killed()
        for byte in stride(from: 4096, to: lastGroup.lowerBound, by: 61) {
            let damaged = disk.crashed(SimulatedDisk.losesPending)
            damaged.flip(segment, byte: byte, bit: byte % 8)
            let error = #expect(throws: EventLogError.self, "byte \(byte)") { try open(damaged) }
            #expect(error?.code == .damaged, "byte \(byte)")
        }
    }
}
