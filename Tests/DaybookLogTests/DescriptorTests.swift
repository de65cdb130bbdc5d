import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

/// What the log does when the system has nothing left to give, in processes of their own.
@Suite struct `Without descriptors or threads` {
    /// Leaves no descriptor free, whatever is open already.
    private static func takeAllDescriptors() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)
        limit.rlim_cur = 64
        setrlimit(__rlimit_resource_t(7), &limit)
        // Twice: what others had open for a moment, as libdispatch has files below /proc, is free again then.
        for _ in 0..<2 {
            while Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 {}
            usleep(5_000)
        }
    }

    /// So that the process can write its profile, when it has one.
    private static func giveDescriptorsBack() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(7), &limit)
    }

    @Test
    func
        `given no free descriptor, then two files are opened from the reserve, a third one is refused, and what is closed fills it again`()
        async throws
    {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .exitCode(0)) { [path = directory.path as String] in
            let storage = try FileStorage(path: path)
            `Without descriptors or threads`.takeAllDescriptors()
            func number(_ body: () throws(EventLogError) -> Void) -> Int32 {
                do throws(EventLogError) { try body() } catch { return error.errno ?? -1 }
                return 0
            }
            let first = try storage.open("a", .replace)
            var second: (any StorageFile)? = try storage.open("b", .replace)
            guard
                number({ () throws(EventLogError) in _ = try storage.open("c", .replace) })
                    == EMFILE
            else { exit(2) }
            guard number({ () throws(EventLogError) in _ = try storage.list() }) == EMFILE else {
                exit(3)
            }
            try second?.writeAll([1], at: 0)
            second = nil
            guard number({ () throws(EventLogError) in _ = try storage.open("c", .replace) }) == 0
            else { exit(4) }
            `Without descriptors or threads`.giveDescriptorsBack()
            exit(first.name == "a" ? 0 : 5)
        }
    }

    @Test
    func `given no descriptor for a reserve, when a log is opened, then it works without one`()
        async throws
    {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            let source = Glibc.open(path, O_RDONLY | O_DIRECTORY)
            `Without descriptors or threads`.takeAllDescriptors()
            let reserve = DescriptorReserve(source: source)
            let opened = reserve.open { openat(source, "a", O_RDWR | O_CREAT, 0o600) }
            guard opened == -1, errno == EMFILE else { exit(2) }
            `Without descriptors or threads`.giveDescriptorsBack()
        }
    }

    @Test
    func `given a lock that cannot be taken, then the error is the system's or names the holder`()
        throws
    {
        let broken = #expect(throws: EventLogError.self) { _ = try PosixLock(taking: 1 << 20) }
        #expect(broken?.errno == EBADF)
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path)
        let lock = try storage.lock()
        // Nobody said who holds it.
        let second = #expect(throws: EventLogError.self) { _ = try storage.lock() }
        #expect(second?.code == .locked)
        #expect(second?.message.contains("another writer") == true)
        lock.release()
    }

    @Test func `given closed descriptors, when used, then every call says what failed`() throws {
        let file = PosixFile(name: "gone", descriptor: 1 << 20)
        func number(_ body: () throws -> Void) -> Int32? {
            do { try body() } catch { return (error as? EventLogError)?.errno }
            return nil
        }
        #expect(number { _ = try file.bytes(at: 0, count: 1) } == EBADF)
        #expect(number { try file.writeAll([1], at: 0) } == EBADF)
        #expect(number { try file.sync() } == EBADF)
        #expect(number { try file.syncAll() } == EBADF)
        #expect(number { try file.allocate(1) } == EBADF)
        #expect(number { try file.makeReadOnly() } == EBADF)
        #expect(number { _ = try file.byteCount() } == EBADF)
    }
}
