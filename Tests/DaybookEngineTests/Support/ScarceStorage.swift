import DaybookLog
import Foundation
import Glibc
import Synchronization
import Testing

/// A real directory on which, when it is told so, there is no room for a new file of one name, or no sync works.
final class ScarceStorage: Storage {
    private let path: String
    private let files: FileStorage
    private let refused: String
    private let isFullNow: Mutex<Bool>
    private let refusals = DispatchSemaphore(value: 0)
    private let syncs = Mutex(Syncs())
    private let syncArrivals = DispatchSemaphore(value: 0)

    private struct Syncs {
        var counts: [String: Int] = [:]
        var areBroken = false
    }

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/daybook-scarce-XXXXXX").utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        files = try FileStorage(path: path)
        refused = "spare.seg"
        isFullNow = Mutex(false)
    }

    init(path: String, refusing name: String, isFull: Bool) throws {
        self.path = path
        files = try FileStorage(path: path, creating: true)
        refused = name
        isFullNow = Mutex(isFull)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var isFull: Bool {
        get { isFullNow.withLock { $0 } }
        set { isFullNow.withLock { $0 = newValue } }
    }

    /// Blocks until space was asked for and refused so often.
    func waitForRefusals(_ count: Int) {
        for _ in 0..<count {
            #expect(refusals.wait(timeout: .now() + 30) == .success, "nobody asked for space")
        }
    }

    /// Whether `fdatasync` gives an error from now on.
    var hasBrokenSyncs: Bool {
        get { syncs.withLock { $0.areBroken } }
        set { syncs.withLock { $0.areBroken = newValue } }
    }

    func syncCount(of name: String) -> Int { syncs.withLock { $0.counts[name, default: 0] } }

    /// Blocks until a file was synced more often than that.
    func waitForSync(of name: String, beyond count: Int) {
        while syncCount(of: name) <= count {
            guard syncArrivals.wait(timeout: .now() + 30) == .success else {
                Issue.record("nobody synced \(name)")
                return
            }
        }
    }

    fileprivate func noteSync(of name: String) throws(EventLogError) {
        let isBroken = syncs.withLock { syncs in
            syncs.counts[name, default: 0] += 1
            return syncs.areBroken
        }
        syncArrivals.signal()
        if isBroken { throw .system("fdatasync", name, EIO) }
    }

    var isReadOnly: Bool { false }
    func list() throws(EventLogError) -> [String] { try files.list() }

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        if mode == .replace, name == refused, isFull {
            refusals.signal()
            throw .system("allocate", name, ENOSPC)
        }
        return CountedFile(try files.open(name, mode), of: self)
    }

    func rename(_ old: String, to new: String) throws(EventLogError) {
        try files.rename(old, to: new)
    }

    func unlink(_ name: String) throws(EventLogError) { try files.unlink(name) }
    func createFolder(_ name: String) throws(EventLogError) { try files.createFolder(name) }

    func syncDirectory(folder: String?) throws(EventLogError) {
        try files.syncDirectory(folder: folder)
    }

    func lock() throws(EventLogError) -> any StorageLock { try files.lock() }
}

private final class CountedFile: StorageFile {
    private let file: any StorageFile
    private let storage: ScarceStorage

    init(_ file: any StorageFile, of storage: ScarceStorage) {
        self.file = file
        self.storage = storage
    }

    var name: String { file.name }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        try file.read(into: bytes, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        try file.write(bytes, at: offset)
    }

    func sync() throws(EventLogError) {
        try storage.noteSync(of: name)
        try file.sync()
    }

    func syncAll() throws(EventLogError) { try file.syncAll() }
    func truncate(to byteCount: UInt64) throws(EventLogError) { try file.truncate(to: byteCount) }
    func allocate(_ byteCount: UInt64) throws(EventLogError) { try file.allocate(byteCount) }
    func makeReadOnly() throws(EventLogError) { try file.makeReadOnly() }
    func byteCount() throws(EventLogError) -> UInt64 { try file.byteCount() }
    func close() { file.close() }
}
