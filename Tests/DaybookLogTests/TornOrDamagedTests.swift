import DaybookCore
import Testing

@testable import DaybookLog

/// Verdicts that the independent reader of Schemas/log found to be wrong.
@Suite struct `Torn or damaged` {
    private func verdict(_ disk: SimulatedDisk) throws -> (isSound: Bool, kinds: [String]) {
        let report = try LogVerifier.verify(storage: disk.readOnly(), hash: .sha256)
        return (report.isSound, report.findings.map(\.kind.rawValue))
    }

    @Test func `given a segment cut behind its header, when verified, then its end is missing`()
        throws
    {
        let disk = try Vector.threeBatches()
        disk.change(LogFileName.segment(1)) { $0 = Array($0.prefix(4096)) }
        let found = try verdict(disk)
        #expect(!found.isSound)
        #expect(found.kinds.contains("MISSING"))
    }

    @Test
    func
        `given a torn payload behind the mark whose header survived, when verified, then it is torn and the log opens`()
        throws
    {
        let disk = try Vector.threeBatches()
        let frames = disk.frames(ofSegment: 1)
        disk.setMark(after: frames[0])
        disk.flip(LogFileName.segment(1), byte: Int(frames[1].byteOffset) + 140, bit: 0)
        let found = try verdict(disk)
        #expect(found == (true, ["TORN"]))
        let log = try LogDirectory.open(
            storage: disk.killed(), hash: .sha256, clock: TestClock().read)
        #expect(log.reader.head.position == position(1))
        #expect(log.recovery.quarantined?.byteRange.lowerBound == frames[1].byteOffset)
    }

    @Test
    func
        `given a whole frame behind a torn one of the same write, when verified, then both are torn and the log opens`()
        throws
    {
        let disk = try Vector.threeBatches()
        let frames = disk.frames(ofSegment: 1)
        disk.setMark(after: nil)
        disk.rewriteFrame(frames[1]) { $0[112...119] = [0, 16, 0, 0, 0, 0, 0, 0] }
        disk.flip(LogFileName.segment(1), byte: Int(frames[0].byteOffset) + 20, bit: 0)
        let found = try verdict(disk)
        #expect(found == (true, ["TORN"]))
        let log = try LogDirectory.open(
            storage: disk.killed(), hash: .sha256, clock: TestClock().read)
        #expect(log.reader.head.position == .start)
    }

    @Test func `given the same with an older frame that was durable, then it is damage`() throws {
        let disk = try Vector.threeBatches()
        let frames = disk.frames(ofSegment: 1)
        disk.setMark(after: nil)
        disk.flip(LogFileName.segment(1), byte: Int(frames[0].byteOffset) + 20, bit: 0)
        let found = try verdict(disk)
        #expect(found == (false, ["CORRUPT"]))
    }

    @Test func `given a field of a later version behind the events, then the batch is read`() throws
    {
        let known = `Batch message`.encode(
            ProposedBatch(
                metadata: metadata(), events: [ProposedEvent(type: "A", tags: [], payload: [7])]))
        let length = known[0]
        let message = Array(known[1...]) + [0x58, 0x01]
        let read = try `Batch message`.decode([length + 2] + message)
        #expect(read.first?.events.map(\.payload) == [[7]])
    }
}
