import Glibc
import Testing

@testable import DaybookLog

/// Every call of the real file system that the simulated disk stands in for.
@Suite struct `Calls of the file system` {
    private func code(_ body: () throws -> Void) -> EventLogError.Code? {
        do {
            try body()
            return nil
        } catch let error as EventLogError {
            return error.code
        } catch {
            return nil
        }
    }

    @Test func `given files and folders, when made, renamed and removed, then the names follow`()
        throws
    {
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path)
        try storage.createFolder("quarantine")
        try storage.createFolder("quarantine")
        let file = try storage.open("quarantine/a.bin", .replace)
        try file.writeAll([1, 2, 3], at: 0)
        try file.syncAll()
        try storage.syncDirectory(folder: "quarantine")
        try storage.open("b", .replace).close()
        #expect(try storage.list() == ["b"])
        try storage.rename("b", to: "c")
        try storage.syncDirectory(folder: nil)
        #expect(try storage.list() == ["c"])
        try storage.unlink("c")
        #expect(try storage.list() == [])
        #expect(try storage.open("quarantine/a.bin", .read).bytes(at: 1, count: 9) == [2, 3])
    }

    @Test func `given what is not there or in the way, when called, then the code says so`() throws
    {
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path)
        try storage.open("file", .replace).close()
        #expect(code { try storage.unlink("none") } == .notFound)
        #expect(code { try storage.rename("none", to: "other") } == .notFound)
        #expect(code { _ = try storage.open("none", .update) } == .notFound)
        #expect(code { try storage.createFolder("none/inner") } == .notFound)
        #expect(code { try storage.syncDirectory(folder: "none") } == .notFound)
        #expect(
            code { _ = try FileStorage(path: directory.path + "/a/b", creating: true) } == .notFound
        )
        #expect(code { _ = try FileStorage(path: directory.path + "/file") } == .notFound)
    }

    @Test func `given a descriptor for reading, when written, then each call says what failed`()
        throws
    {
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path)
        try storage.open("file", .replace).close()
        let file = try storage.open("file", .read)
        #expect(code { try file.writeAll([1], at: 0) } == .io)
        #expect(code { try file.allocate(4096) } == .io)
        #expect(code { try file.truncate(to: 1) } == .io)
        let folder = PosixFile(
            name: "folder", descriptor: Glibc.open(directory.path, O_RDONLY | O_DIRECTORY))
        let error = #expect(throws: EventLogError.self) { _ = try folder.bytes(at: 8, count: 1) }
        #expect(error?.errno == EISDIR)
        #expect(error?.byteOffset == 8)
    }

    @Test func `given storage for reading only, when changed, then every call refuses`() throws {
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path, readOnly: true)
        #expect(code { _ = try storage.open("a", .replace) } == .readOnly)
        #expect(code { try storage.rename("a", to: "b") } == .readOnly)
        #expect(code { try storage.unlink("a") } == .readOnly)
        #expect(code { try storage.createFolder("a") } == .readOnly)
        #expect(code { _ = try storage.lock() } == .readOnly)
    }

    @Test(arguments: [
        (ENOSPC, EventLogError.Code.noSpace), (EDQUOT, .noSpace), (EACCES, .permission),
        (EPERM, .permission), (EROFS, .readOnly), (ENOENT, .notFound), (ENOTDIR, .notFound),
        (EEXIST, .alreadyExists), (EIO, .io),
    ])
    func `given an error number, when explained, then it has the code for it`(
        errno: Int32, code: EventLogError.Code
    ) {
        let error = EventLogError.system("write", "file", errno, at: 7)
        #expect(error.code == code)
        #expect(error.description.contains("[file file] [byte 7] [errno \(errno)]"))
    }

    @Test func `given a call that signals interrupt, when repeated, then it is made again`() throws
    {
        var calls = 0
        let result = try retryingInterrupts("call", "file") {
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 5
        }
        #expect(result == 5)
        #expect(calls == 3)
    }

    @Test func `given a released lock, when described, then nothing happens`() throws {
        let directory = try TemporaryDirectory()
        let storage = try FileStorage(path: directory.path)
        let lock = try storage.lock()
        try lock.describe("epoch 1")
        lock.release()
        try lock.describe("epoch 2")
        let text = String(
            decoding: try storage.open("LOCK", .read).bytes(at: 0, count: 200), as: UTF8.self)
        #expect(text.hasSuffix("epoch 1\n"))
        let again = try storage.lock()
        again.release()
    }

    @Test func `given a file that accepts nothing, when written, then there is an end to it`() {
        final class Stubborn: StorageFile {
            let name = "stubborn"
            func read(into _: UnsafeMutableRawBufferPointer, at _: UInt64) throws(EventLogError)
                -> Int
            {
                0
            }
            func write(_: UnsafeRawBufferPointer, at _: UInt64) throws(EventLogError) -> Int { 0 }
            func sync() throws(EventLogError) {}
            func syncAll() throws(EventLogError) {}
            func truncate(to _: UInt64) throws(EventLogError) {}
            func allocate(_: UInt64) throws(EventLogError) {}
            func makeReadOnly() throws(EventLogError) {}
            func byteCount() throws(EventLogError) -> UInt64 { 0 }
            func close() {}
        }
        let error = #expect(throws: EventLogError.self) { try Stubborn().writeAll([1, 2], at: 3) }
        #expect(error?.message == "a write accepted 0 of 2 bytes")
        #expect(error?.byteOffset == 3)
    }
}
