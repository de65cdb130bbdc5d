import DaybookCore
import DaybookLog
import Testing

/// A closed log of several small segments.
func closedLog(batches count: Int = 120, codec: EventLogOptions.Codec = .none) throws
    -> SimulatedDisk
{
    let disk = SimulatedDisk()
    var options = smallOptions(codec: codec)
    options.schema = Array("schema".utf8)
    let log = try LogDirectory.create(
        storage: disk, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
    for number in 1...count {
        try log.append(batch(event(order: UInt128(number), payload: "payload of order \(number)")))
    }
    try log.committer.close()
    return disk
}

@Suite struct `Corruption` {
    @Test func `given a closed log, when it is verified, then it is sound`() throws {
        let report = try LogVerifier.verify(storage: try closedLog(), hash: .sha256)
        #expect(report.findings == [])
        #expect(report.isSound)
        #expect(report.batchCount == 120)
        #expect(report.eventCount == 120)
        #expect(report.segmentCount == 6)
        #expect(report.head?.position == position(120))
    }

    @Test
    func
        `given a log of several segments, when any bit of any segment flips, then verify finds it and the range contains the byte`()
        throws
    {
        let disk = try closedLog(batches: 45)
        let segments = disk.fileNames.filter { $0.hasPrefix("log-") }
        #expect(segments.count == 3)
        var flipCount = 0
        for name in segments {
            let byteCount = disk.bytes(name).count
            // A sample that meets every kind of byte; DAYBOOK_EXHAUSTIVE=1 takes every bit.
            let places = (0..<(byteCount * 8)).filter { isExhaustive || $0 % 83 == 5 }
            for (byte, bit) in places.map({ ($0 / 8, $0 % 8) }) {
                disk.flip(name, byte: byte, bit: bit)
                let report = try LogVerifier.verify(storage: disk, hash: .sha256)
                let isFound = report.findings.contains {
                    $0.file == name && $0.byteRange.contains(UInt64(byte))
                }
                if !isFound || report.isSound {
                    Issue.record(
                        "bit \(bit) of byte \(byte) of \(name) is not found: \(report)")
                }
                disk.flip(name, byte: byte, bit: bit)
                flipCount += 1
            }
        }
        #expect(flipCount > 3_500)
    }
}
