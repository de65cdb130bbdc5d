import DaybookLog
import Foundation
import Glibc
import Synchronization
import Testing

/// A real directory on which, when it is told so, there is no room for a new file of one name.
final class ScarceStorage: Storage {
    private let path: String
    private let files: FileStorage
    private let refused: String
    private let isFullNow: Mutex<Bool>
    private let refusals = DispatchSemaphore(value: 0)

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

    var isReadOnly: Bool { false }
    func list() throws(EventLogError) -> [String] { try files.list() }

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        if mode == .replace, name == refused, isFull {
            refusals.signal()
            throw .system("allocate", name, ENOSPC)
        }
        return try files.open(name, mode)
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
