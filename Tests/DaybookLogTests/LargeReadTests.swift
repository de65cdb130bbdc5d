import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

/// What only a log of some megabytes comes to.
@Suite struct `A log of some megabytes` {
    /// 80 batches of 100,000 bytes that do not compress.
    private func log() throws -> OpenedLog {
        var options = smallOptions(codec: .none)
        options.firstSegmentByteCount = 12 << 20
        options.segmentByteCount = 12 << 20
        let log = try LogDirectory.create(
            storage: SimulatedDisk(), options: options, hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        let payload = String(repeating: "x", count: 100_000)
        for number in 1...80 {
            try log.append(batch(event(order: UInt128(number), payload: payload)))
        }
        return log
    }

    @Test
    func
        `given a long range, when visited on two threads, then all come in order, or as many as are wanted`()
        throws
    {
        let reader = try log().reader
        #expect(reader.isLong(from: .start, through: nil))
        #expect(!reader.isLong(from: position(79), through: nil))
        #expect(!reader.isLong(from: position(1), through: position(2)))
        func numbers(_ limit: Int, from: UInt64, through: UInt64?) throws -> [UInt64] {
            var numbers: [UInt64] = []
            try reader.forEachBatch(from: position(from), through: through.map(position)) {
                numbers.append($0.number)
                return numbers.count < limit
            }
            return numbers
        }
        #expect(try numbers(.max, from: 0, through: nil) == Array(1...80))
        #expect(try numbers(7, from: 0, through: nil) == Array(1...7))
        #expect(try numbers(.max, from: 5, through: 70) == Array(5...70))
    }

    @Test func `given a spare of 24 MiB, when filled piece by piece, then it is synced in between`()
        throws
    {
        let disk = SimulatedDisk()
        let spare = SpareSegment(storage: disk)
        try spare.begin(byteCount: 24 << 20)
        let before = disk.syncCount
        var steps = 0
        while !spare.isReady {
            try spare.step(limit: 4 << 20)
            steps += 1
        }
        #expect(steps == 6)
        #expect(disk.syncCount - before == 3)
        #expect(try spare.take().byteCount() == 24 << 20)
        #expect(!spare.isBegun)
    }

    @Test
    func
        `given a note that does not fit any more, when recorded, then the next segment begins with room for it`()
        throws
    {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(codec: .none), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        try log.append(batch(event(payload: String(repeating: "y", count: 3_000))))
        var note = LogNote()
        note.reason = String(repeating: "z", count: 4_000)
        note.repairs = [
            LogNote.Repair(file: "f", byteRange: 1..<2, bit: 3, proof: "crc", original: "o")
        ]
        try log.committer.record(note: note.encoded)
        #expect(log.reader.snapshot().segments.count == 2)
        #expect(try log.reader.records().map(\.reason) == [note.reason])
        try log.append(batch(event()))
        try log.committer.close()
        #expect(try LogVerifier.verify(storage: disk, hash: .sha256).findings == [])
    }

    @Test(arguments: [ENOSPC, EIO])
    func
        `given a lock that cannot be described, when opened, then only a full disk does not matter`(
            number: Int32
        ) throws
    {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        try log.append(batch(event()))
        try log.committer.close()
        let storage = SilentLock(disk, number)
        func open() throws(EventLogError) -> OpenedLog {
            try LogDirectory.open(
                storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read)
        }
        if number == ENOSPC {
            #expect(try open().reader.head.position == position(1))
        } else {
            let error = #expect(throws: EventLogError.self) { try open() }
            #expect(error?.errno == EIO)
        }
    }
}

/// A disk whose lock cannot be written to.
private final class SilentLock: Storage {
    private let base: SimulatedDisk
    private let number: Int32

    init(_ base: SimulatedDisk, _ number: Int32) {
        self.base = base
        self.number = number
    }

    private final class Lock: StorageLock {
        private let base: any StorageLock
        private let number: Int32

        init(_ base: any StorageLock, _ number: Int32) {
            self.base = base
            self.number = number
        }

        func describe(_ text: String) throws(EventLogError) {
            throw .system("write", LogFileName.lock, number)
        }
        func release() { base.release() }
    }

    var isReadOnly: Bool { false }
    func list() throws(EventLogError) -> [String] { try base.list() }
    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        try base.open(name, mode)
    }
    func rename(_ old: String, to new: String) throws(EventLogError) {
        try base.rename(old, to: new)
    }
    func unlink(_ name: String) throws(EventLogError) { try base.unlink(name) }
    func createFolder(_ name: String) throws(EventLogError) { try base.createFolder(name) }
    func syncDirectory(folder: String?) throws(EventLogError) {
        try base.syncDirectory(folder: folder)
    }
    func lock() throws(EventLogError) -> any StorageLock {
        Lock(try base.lock(), number)
    }
}
