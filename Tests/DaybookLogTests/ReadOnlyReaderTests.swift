import DaybookCore
import Synchronization
import Testing

@testable import DaybookLog

/// Readers beside a writer: what they see when they look again, and when the disk says something older.
@Suite struct `Refreshing a reader` {
    private let disk = SimulatedDisk()

    private func create() throws -> OpenedLog {
        try LogDirectory.create(
            storage: disk, options: smallOptions(codec: .none), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
    }

    private func append(_ log: OpenedLog, _ count: Int) throws {
        for number in 1...count { try log.append(batch(event(order: UInt128(number)))) }
    }

    @Test
    func `given nothing new, or the writer's own reader, when refreshed, then nothing changes`()
        throws
    {
        let log = try create()
        try append(log, 3)
        try log.reader.refresh()
        #expect(log.reader.head.position == position(3))
        let reader = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        try reader.refresh()
        #expect(reader.head == log.reader.head)
    }

    @Test func `given a mark that went back, when refreshed, then the reader's head does not`()
        throws
    {
        let log = try create()
        try append(log, 5)
        let older = disk.bytes("MARK")
        try append(log, 100)
        let reader = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        #expect(reader.statistics.segmentCount > 2)
        disk.set("MARK", older)
        try reader.refresh()
        #expect(reader.head == log.reader.head)
        #expect(reader.statistics == log.reader.statistics)
        // A new reader believes what stands there.
        let late = try LogReader.openReadOnly(storage: disk, hash: .sha256)
        #expect(late.head.position == position(5))
    }

    @Test
    func `given a refresh while another one reads, when both are done, then all is there and once`()
        throws
    {
        let log = try create()
        try append(log, 3)
        let meanwhile = Mutex<(@Sendable () -> Void)?>(nil)
        let storage = ScriptedStorage(disk) { read in
            guard read.file.hasSuffix(".seg") else { return nil }
            let body = meanwhile.withLock { body in
                defer { body = nil }
                return body
            }
            body?()
            return nil
        }
        let reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
        try append(log, 4)
        let nested = Mutex(LogPosition.start)
        meanwhile.withLock {
            $0 = {
                try? reader.refresh()
                nested.withLock { $0 = reader.head.position }
            }
        }
        try reader.refresh()
        #expect(nested.withLock { $0 } == position(7))
        #expect(reader.head == log.reader.head)
        #expect(reader.statistics == log.reader.statistics)
    }

    @Test func `given damage below the mark, when opened for reading, then its range is named`()
        throws
    {
        let log = try create()
        try append(log, 6)
        try log.committer.close()
        let frame = disk.frames(ofSegment: 1)[3]
        disk.flip(LogFileName.segment(1), byte: Int(frame.byteOffset) + 150, bit: 4)
        let error = #expect(throws: EventLogError.self) {
            try LogReader.openReadOnly(storage: disk, hash: .sha256)
        }
        #expect(error?.finding?.byteRange.lowerBound == frame.byteOffset)
        #expect(error?.finding?.evidence.hasPrefix("payload-checksum,mark.durable_offset=") == true)
    }
}
