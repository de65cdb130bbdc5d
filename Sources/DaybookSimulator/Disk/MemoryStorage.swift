package import DaybookLog
import Glibc

/// Files in memory and nothing else: no faults, no crashes, no locks, as fast as memory.
///
/// For campaigns that ask what the log answers, not what it survives. Confined to one thread.
package final class MemoryStorage: Storage {
    package let isReadOnly = false
    private var files: [String: Content] = [:]
    private var isLocked = false

    fileprivate final class Content {
        var bytes: [UInt8] = []
    }

    package init() {}

    /// As if the process that holds the lock had died.
    package func dropLock() { isLocked = false }

    package func list() throws(EventLogError) -> [String] {
        files.keys.filter { !$0.contains("/") }.sorted()
    }

    package func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError)
        -> any StorageFile
    {
        if mode == .replace { files[name] = Content() }
        guard let content = files[name] else { throw .system("open", name, ENOENT) }
        return MemoryFile(name: name, content)
    }

    package func rename(_ old: String, to new: String) throws(EventLogError) {
        guard let content = files.removeValue(forKey: old) else {
            throw .system("rename", old, ENOENT)
        }
        files[new] = content
    }

    package func unlink(_ name: String) throws(EventLogError) {
        guard files.removeValue(forKey: name) != nil else {
            throw .system("unlink", name, ENOENT)
        }
    }

    package func createFolder(_ name: String) throws(EventLogError) {}
    package func syncDirectory(folder: String?) throws(EventLogError) {}

    package func lock() throws(EventLogError) -> any StorageLock {
        guard !isLocked else { throw EventLogError(.locked, "the memory is locked") }
        isLocked = true
        return MemoryLock(self)
    }
}

/// Unchecked: a campaign's world has one thread, and `Storage` asks for `Sendable`.
extension MemoryStorage: @unchecked Sendable {}

private final class MemoryLock: StorageLock {
    private let storage: MemoryStorage

    init(_ storage: MemoryStorage) { self.storage = storage }

    func describe(_ text: String) throws(EventLogError) {}
    func release() { storage.dropLock() }
}

private final class MemoryFile: StorageFile {
    let name: String
    private let content: MemoryStorage.Content

    init(name: String, _ content: MemoryStorage.Content) {
        self.name = name
        self.content = content
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        let start = min(Int(offset), content.bytes.count)
        let count = min(bytes.count, content.bytes.count - start)
        content.bytes.withUnsafeBytes { source in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[start..<(start + count)]))
        }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        let start = Int(offset)
        if content.bytes.count < start + bytes.count { resize(start + bytes.count) }
        content.bytes.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + bytes.count)])
                .copyMemory(from: bytes)
        }
        return bytes.count
    }

    func sync() throws(EventLogError) {}
    func syncAll() throws(EventLogError) {}

    func truncate(to byteCount: UInt64) throws(EventLogError) { resize(Int(byteCount)) }

    func allocate(_ byteCount: UInt64) throws(EventLogError) {
        if content.bytes.count < Int(byteCount) { resize(Int(byteCount)) }
    }

    private func resize(_ byteCount: Int) {
        let more = byteCount - content.bytes.count
        if more > 0 {
            content.bytes.append(contentsOf: repeatElement(0, count: more))
        } else {
            content.bytes.removeLast(-more)
        }
    }

    func makeReadOnly() throws(EventLogError) {}
    func byteCount() throws(EventLogError) -> UInt64 { UInt64(content.bytes.count) }
    func close() {}
}

/// Unchecked: as the storage, of which it is a part.
extension MemoryFile: @unchecked Sendable {}
/// Unchecked: as the storage, which is all that it holds.
extension MemoryLock: @unchecked Sendable {}
