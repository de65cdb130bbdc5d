import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

/// What the system refuses nobody in the ordinary course: each call asked where it has to refuse.
@Suite struct `Refusals of the system` {
    @Test
    func `given descriptors that are no directory, when listed, then the error is the system's`()
        throws
    {
        let closed = #expect(throws: EventLogError.self) {
            _ = try DirectoryStream(taking: 1 << 20, "folder")
        }
        #expect(closed?.errno == EBADF)
        let directory = try TemporaryDirectory()
        let descriptor = Glibc.open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let stream = try DirectoryStream(taking: descriptor, "folder")
        // Another file takes the number, so that no other test's can.
        let file = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        #expect(dup2(file, descriptor) == descriptor)
        Glibc.close(file)
        let error = #expect(throws: EventLogError.self) { _ = try stream.nextFileName() }
        #expect(error?.errno == ENOTDIR)
        #expect(error?.file == "folder")
    }

    @Test func `given no boot id, when a lock is described, then it says that it is unknown`()
        throws
    {
        let directory = try TemporaryDirectory()
        #expect(PosixLock.bootID(from: directory.path + "/none") == "unknown")
        // A directory opens and cannot be read.
        #expect(PosixLock.bootID(from: directory.path) == "unknown")
        #expect(PosixLock.bootID().utf8.count == 36)
    }

    @Test func `given a range of no whole mebibytes, when filled with zeros, then exactly it is`()
        throws
    {
        let disk = SimulatedDisk()
        let file = try disk.open("zeros", .replace)
        try file.writeAll([UInt8](repeating: 9, count: (1 << 20) + 30), at: 0)
        try file.zeroFill(10..<UInt64((1 << 20) + 20))
        let bytes = disk.bytes("zeros")
        #expect(bytes.prefix(10).allSatisfy { $0 == 9 })
        #expect(bytes.dropFirst(10).dropLast(10).allSatisfy { $0 == 0 })
        #expect(bytes.suffix(10).allSatisfy { $0 == 9 })
    }

    @Test func `given no memory for another thread, when one is started, then that is the error`()
        async throws
    {
        await #expect(processExitsWith: .exitCode(0)) {
            let disk = SimulatedDisk()
            let log = try LogDirectory.create(
                storage: disk, options: smallOptions(), hash: .sha256, clock: TestClock().read,
                newLogID: testLogID, salt: testSalt)
            guard let indexer = log.indexer else { exit(2) }
            // Stacks larger than the address space.
            typealias Set = @convention(c) (UnsafePointer<pthread_attr_t>) -> Int32
            guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "pthread_setattr_default_np") else {
                exit(3)
            }
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setstacksize(&attributes, 1 << 47)
            guard unsafeBitCast(symbol, to: Set.self)(&attributes) == 0 else { exit(4) }
            do throws(EventLogError) {
                try indexer.start()
                exit(5)
            } catch {
                guard error.errno == EAGAIN || error.errno == ENOMEM else { exit(6) }
            }
            // Nobody waits for a thread that never was.
            indexer.stop()
            try log.committer.close()
            exit(0)
        }
    }
}
