import DaybookCore
import DaybookLog
import Glibc
import Testing

private func create(_ path: String) throws -> OpenedLog {
    try LogDirectory.create(
        storage: try FileStorage(path: path), options: smallOptions(), hash: .sha256,
        clock: TestClock().read, newLogID: testLogID, salt: testSalt)
}

@Suite struct `File storage` {
    @Test
    func
        `given a log that is open, when it is opened again, then the lock names the holder, whatever else opened the file`()
        throws
    {
        let directory = try TemporaryDirectory()
        let log = try create(directory.path)
        // Opening and closing the lock file elsewhere drops older kinds of lock, not this one.
        close(Glibc.open(directory.path + "/LOCK", O_RDWR))
        let error = #expect(throws: EventLogError.self) {
            try LogDirectory.open(
                storage: try FileStorage(path: directory.path), hash: .sha256,
                clock: TestClock().read)
        }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("pid \(getpid())") == true)
        #expect(error?.message.contains("epoch 1") == true)
        try log.committer.close()
        let again = try LogDirectory.open(
            storage: try FileStorage(path: directory.path), hash: .sha256, clock: TestClock().read)
        try again.committer.close()
    }

    @Test func `given a stale lock file of a dead process, when opened, then it does not matter`()
        throws
    {
        let directory = try TemporaryDirectory()
        let log = try create(directory.path)
        try log.committer.close()
        let again = try LogDirectory.open(
            storage: try FileStorage(path: directory.path), hash: .sha256, clock: TestClock().read)
        #expect(again.recovery.writerEpoch == 2)
        try again.committer.close()
    }

    @Test func `given a new log, then its files are private and sealed segments are read-only`()
        throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/log"
        let storage = try FileStorage(path: path, creating: true)
        let log = try LogDirectory.create(
            storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read,
            newLogID: testLogID, salt: testSalt)
        for _ in 1...80 { try log.append(batch(event())) }
        try log.committer.close()
        func mode(_ name: String) -> UInt32 {
            var status = stat()
            stat(path + name, &status)
            return status.st_mode & 0o777
        }
        #expect(mode("") == 0o700)
        #expect(mode("/MARK") == 0o600)
        #expect(mode("/LOCK") == 0o600)
        #expect(mode("/log-00000000000000000001.seg") == 0o400)
        #expect(
            try storage.list().last
                == "log-0000000000000000000\(log.reader.statistics.segmentCount).seg")
    }

    @Test
    func
        `given no log, when opened, then it says so; given one, when created, then it says that too`()
        throws
    {
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path)
        let missing = #expect(throws: EventLogError.self) {
            try LogDirectory.open(storage: storage, hash: .sha256, clock: TestClock().read)
        }
        #expect(missing?.code == .notFound)
        #expect(try storage.list() == [])
        let log = try create(directory.path)
        try log.committer.close()
        let second = #expect(throws: EventLogError.self) { try create(directory.path) }
        #expect(second?.code == .alreadyExists)
        let nowhere = #expect(throws: EventLogError.self) {
            try FileStorage(path: directory.path + "/nowhere")
        }
        #expect(nowhere?.code == .notFound)
    }

    @Test func `given a read-only storage, when anything is written, then it is refused`() throws {
        let directory = try TemporaryDirectory()
        let log = try create(directory.path)
        try log.committer.close()
        let storage = try FileStorage(path: directory.path, readOnly: true)
        let error = #expect(throws: EventLogError.self) {
            try LogDirectory.open(storage: storage, hash: .sha256, clock: TestClock().read)
        }
        #expect(error?.code == .readOnly)
        #expect(try LogVerifier.verify(storage: storage, hash: .sha256).isSound)
    }

    @Test func `given a link in place of a segment, when opened, then it is not followed`() throws {
        let directory = try TemporaryDirectory()
        let log = try create(directory.path)
        try log.committer.close()
        let name = directory.path + "/log-00000000000000000001.seg"
        rename(name, directory.path + "/elsewhere")
        symlink(directory.path + "/elsewhere", name)
        let error = #expect(throws: EventLogError.self) {
            try LogDirectory.open(
                storage: try FileStorage(path: directory.path), hash: .sha256,
                clock: TestClock().read)
        }
        #expect(error?.errno == ELOOP)
    }
}
