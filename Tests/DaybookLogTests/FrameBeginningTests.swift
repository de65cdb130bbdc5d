import DaybookCore
import Synchronization
import Testing

@testable import DaybookLog

/// Questions by tag read no more of a frame than they need.
@Suite struct `Beginnings of frames` {
    /// Segments that hold frames of 64 KiB.
    private func emptyLog(
        _ codec: EventLogOptions.Codec
    ) throws -> (OpenedLog, SimulatedDisk) {
        var options = smallOptions(codec: codec)
        options.firstSegmentByteCount = 96 << 10
        options.segmentByteCount = 96 << 10
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        return (log, disk)
    }

    /// Frames with some sixty batches each, of very different length.
    private func log(
        _ codec: EventLogOptions.Codec, _ logs: inout IndexedLogs
    ) throws -> (OpenedLog, SimulatedDisk) {
        let (log, disk) = try emptyLog(codec)
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
        var partCount = 0
        for event in all.reversed() where event.position.rawValue % 29 == 0 {
            guard let tag = event.tags.first else { continue }
            let cold = try LogReader.openReadOnly(storage: disk, hash: .sha256)
            let question = {
                try cold.read(.tag(tag), from: event.position, through: event.position)
            }
            #expect(try question() == [event])
            let kept = try #require(cold.cache.withLock { $0.frame(holding: event.position) })
            let isWhole = kept.raw.count == Int(kept.header.rawByteCount)
            if !isWhole { partCount += 1 }
            // What lies behind a beginning is there when it is asked for.
            let last = try #require(kept.header.positions).upperBound
            #expect(try cold.batch(containing: last)?.lastPosition == last)
            #expect(try question() == [event])
        }
        #expect(partCount > 3)
    }

    @Test
    func `given a frame of which more is asked for each time, then the second time all is kept`()
        throws
    {
        var logs = IndexedLogs("FrameBeginningTests.again")
        let (log, disk) = try log(.lz4, &logs)
        let header = try #require(disk.frames(ofSegment: 1).first { $0.batchCount > 30 })
        let positions = try #require(header.positions)
        func keptByteCount() -> Int? {
            log.reader.cache.withLock { $0.frame(holding: positions.lowerBound)?.raw.count }
        }
        var counts: [Int?] = []
        for position in [positions.lowerBound, positions.lowerBound.advanced(by: 30)] {
            let types = QueryItem(types: IndexedLogs.types)
            _ = try log.reader.read(.any([types]), from: position, through: position)
            counts.append(keptByteCount())
        }
        #expect(try #require(counts[0]) < Int(header.rawByteCount))
        #expect(counts[1] == Int(header.rawByteCount))
        #expect(log.reader.cache.withLock { $0.header(holding: positions.upperBound) } != nil)
    }

    @Test func `given a first batch larger than all others, when asked for, then all is read`()
        throws
    {
        let (log, disk) = try emptyLog(.none)
        let tag = Tag(label: "large", text: "one")
        let large = ProposedEvent(
            type: "A", tags: [tag], payload: [UInt8](repeating: 7, count: 9_000))
        let small = ProposedEvent(type: "A", tags: [], payload: [1])
        for event in [large] + [ProposedEvent](repeating: small, count: 50) {
            _ = try log.writer.stage(batch(event))
        }
        _ = try log.committer.commit(try #require(log.writer.closeGroup()))
        let header = try #require(disk.frames(ofSegment: 1).last)
        #expect(header.batchCount == 51)
        #expect(FramePayload.likelyByteCount(of: header, through: header.firstPosition) < 9_000)
        // The second one by the index.
        for _ in 0..<2 {
            let reader = try LogReader.openReadOnly(storage: disk, hash: .sha256)
            for _ in 0..<2 { #expect(try reader.read(.tag(tag)).map(\.payload) == [large.payload]) }
        }
    }

    /// A first batch with more events than the whole frame is said to have.
    @Test
    func `given a beginning with more than the header says, when asked, then it is no answer`()
        throws
    {
        var header = try closedLog(codec: .none).frames(ofSegment: 1)[4]
        header.batchCount = 1
        header.eventCount = 2
        let event: [UInt8] = [UInt8(BatchField.events << 3 | 2), 0]
        let raw: [UInt8] = [6] + event + event + event
        raw.withUnsafeBytes {
            #expect(CachedFrame(header, beginning: $0, through: header.firstPosition) == nil)
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
