import DaybookCore
import DaybookLog
import Glibc
import Testing

@Suite struct `Check of a whole index` {
    @Test
    func
        `given an index of many blocks, when all are checked, then sixteen are read at once and a wrong one is found wherever it is`()
        throws
    {
        var options = smallOptions()
        options.firstSegmentByteCount = 4 << 20
        options.segmentByteCount = 4 << 20
        let disk = SimulatedDisk()
        let storage = CountingStorage(disk)
        let log = try LogDirectory.create(
            storage: storage, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        for start in stride(from: 0, to: 40_000, by: 500) {
            let events = (start..<(start + 500)).map { number in
                ProposedEvent(
                    type: "A", tags: [Tag(label: "n", identifier: UInt128(number))], payload: [])
            }
            _ = try log.append(ProposedBatch(metadata: metadata(), events: events))
        }
        let filler = ProposedEvent(
            type: "D", tags: [],
            payload: (0..<600_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) })
        while log.reader.statistics.segmentCount == 1 { _ = try log.append(batch(filler)) }
        try indexAll(log.reader)
        let name = LogFileName.index(1)
        let blockCount = disk.bytes(name).count / IndexBlock.byteCount
        try #require(blockCount > 33)
        _ = storage.takeReads(name)
        let sound = log.reader.indexReport(everyBlock: true).soundCount
        // The header by itself: when the file is opened, and for what it says.
        #expect(storage.takeReads(name).count == 2 + (blockCount + 15) / 16)
        for block in [0, 1, 15, 16, 31, 32, blockCount - 1] {
            let byte = block * IndexBlock.byteCount + 100
            disk.flip(name, byte: byte, bit: 3)
            let report = log.reader.indexReport(everyBlock: true)
            #expect(report.damaged.map(\.segment) == [1], "block \(block)")
            disk.flip(name, byte: byte, bit: 3)
        }
        // One that cannot be read once is read by itself.
        disk.fail(.read, with: EIO, file: name, after: 2)
        #expect(log.reader.indexReport(everyBlock: true).soundCount == sound)
        disk.heal()
    }
}
