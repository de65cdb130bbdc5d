import DaybookCore
import Testing

@testable import DaybookLog

/// Questions by tag read no more of a frame than they need.
@Suite struct `Beginnings of frames` {
    /// Frames with some sixty batches each, of very different length: what is likely enough of a frame is at times
    /// not enough.
    private func log(
        _ codec: EventLogOptions.Codec, _ logs: inout IndexedLogs
    ) throws -> (OpenedLog, SimulatedDisk) {
        var options = smallOptions()
        options.codec = codec
        options.firstSegmentByteCount = 96 << 10
        options.segmentByteCount = 96 << 10
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        try logs.fill(log, batches: 400, perGroup: 40...80, payloadByteCounts: 0...90)
        try logs.fill(log, batches: 120, perGroup: 20...40, payloadByteCounts: 0...1_500)
        try indexAll(log.reader)
        return (log, disk)
    }

    @Test(arguments: [EventLogOptions.Codec.lz4, .none])
    func `given frames of many batches, when asked at random, then answers are a scan's`(
        codec: EventLogOptions.Codec
    ) throws {
        var logs = IndexedLogs("FrameBeginningTests.\(codec)")
        let (log, disk) = try log(codec, &logs)
        var all: [RecordedEvent] = []
        try log.reader.forEachBatch(from: .start, through: nil) { batch in
            all += try batch.recorded().events
            return true
        }
        let headers = (1...log.reader.statistics.segmentCount)
            .flatMap { disk.frames(ofSegment: UInt64($0)) }
        #expect(log.reader.statistics.segmentCount > 2)
        #expect(headers.count { $0.batchCount > 20 } > 5)
        let beside = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        for reader in [log.reader, beside] {
            #expect(try logs.firstDifference(reader, from: all, questions: 100) == nil)
        }
        // With nothing in memory, each position for itself, from the last one to the first.
        for event in all.reversed() where event.position.rawValue % 29 == 0 {
            guard let tag = event.tags.first else { continue }
            let cold = try LogReader.openReadOnly(storage: disk, hash: .sha256)
            let found = try cold.read(.tag(tag), from: event.position, through: event.position)
            #expect(found == [event])
        }
    }

    @Test func `given a frame, when its beginning is read, then those bytes and no others`() throws
    {
        let raw = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        try log.append(batch(ProposedEvent(type: "A", tags: [], payload: raw)))
        let header = try #require(disk.frames(ofSegment: 1).last)
        #expect(header.codec == .lz4)
        let bytes = disk.bytes("log-00000000000000000001.seg")
        let frame = Array(bytes[Int(header.byteOffset)..<Int(header.endOffset)])
        let scratch = GrowingBuffer()
        try frame.withUnsafeBytes { frame in
            let whole = Array(try FramePayload.raw(of: header, frame: frame, scratch: scratch))
            for count in [1, 5_000, whole.count - 1] {
                let beginning = try FramePayload.beginning(
                    count, of: header, frame: frame, scratch: scratch)
                #expect(Array(beginning) == Array(whole.prefix(count)))
            }
        }
    }

    @Test func `given a block that is malformed, when its beginning is read, then it is refused`() {
        // A match that reaches before the beginning.
        let block: [UInt8] = [0x10, 7, 9, 0, 0x10, 7]
        var room = [UInt8](repeating: 0, count: 64)
        let defect = #expect(throws: FrameDefect.self) {
            try block.withUnsafeBytes { block in
                try room.withUnsafeMutableBytes {
                    try FrameCompression.decompressBeginning(block, into: $0)
                }
            }
        }
        #expect(defect.map { "\($0)" } == "\(FrameDefect.decompression)")
    }
}
