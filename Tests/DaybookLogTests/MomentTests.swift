import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

@Suite struct `The log at a moment` {
    /// Ten batches of two events, a second apart; recorded half a second before they are written.
    private func log(_ disk: SimulatedDisk = SimulatedDisk()) throws -> OpenedLog {
        let clock = TestClock()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: clock.read,
            newLogID: testLogID, salt: testSalt)
        for _ in 1...10 {
            clock.advance(microseconds: 1_000_000)
            var proposed = batch(event(), event("Paid"))
            proposed.metadata.recordedAt = Instant(
                microseconds: clock.read().microseconds - 500_000)
            try log.append(proposed)
        }
        return log
    }

    private func time(_ seconds: Double) -> Moment {
        .time(Instant(microseconds: TestClock().read().microseconds + Int64(seconds * 1_000_000)))
    }

    @Test func `given a position, then the moment is the end of the last whole batch`() throws {
        let reader = try log().reader
        #expect(try reader.position(asOf: .position(.start)) == .start)
        #expect(try reader.position(asOf: .position(position(2))) == position(2))
        #expect(try reader.position(asOf: .position(position(1))) == .start)
        #expect(try reader.position(asOf: .position(position(7))) == position(6))
        #expect(try reader.position(asOf: .position(position(20))) == position(20))
        #expect(try reader.position(asOf: .position(position(21))) == nil)
    }

    @Test func `given a time, then the moment has what was recorded by then, and nothing later`()
        throws
    {
        let reader = try log().reader
        #expect(try reader.position(asOf: time(0)) == .start)
        #expect(try reader.position(asOf: time(0.4)) == .start)
        // Recorded at 0.5, written at 1.
        #expect(try reader.position(asOf: time(0.6)) == position(2))
        #expect(try reader.position(asOf: time(4.4)) == position(8))
        #expect(try reader.position(asOf: time(4.6)) == position(10))
        #expect(try reader.position(asOf: time(100)) == position(20))
    }

    @Test func `given an empty log, when asked for a time, then it is the start`() throws {
        let log = try LogDirectory.create(
            storage: SimulatedDisk(), options: smallOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        #expect(try log.reader.position(asOf: time(5)) == .start)
    }

    @Test
    func
        `given a signed tree, when recorded, then it is durable with the mark, also after a power cut`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try log(disk)
        let tree = log.committer.merkleTree
        #expect(tree.size == 10)
        try log.committer.recordSignedTree(size: tree.size, root: tree.root)
        let after = disk.crashed(SimulatedDisk.losesPending)
        let mark = try #require(
            try MarkFile.content(of: after.open(LogFileName.mark, .read)).newest)
        #expect(mark.signedTreeSize == 10)
        #expect(mark.signedTreeRoot == tree.root)
        let again = try LogDirectory.open(
            storage: after, options: smallOptions(), hash: .sha256, clock: TestClock().read)
        #expect(again.committer.signedTree.size == 10)
        // A mark that cannot be written ends the writer before the signature is given away.
        after.fail(.write, with: EIO, file: LogFileName.mark)
        #expect(throws: EventLogError.self) {
            try again.committer.recordSignedTree(size: 11, root: .zero)
        }
        #expect(again.committer.isPoisoned)
    }
}
