@testable internal import DaybookLog

/// A directory in memory. Nothing fails; what fails is the simulated disk's part.
final class MemoryStorage: Storage, @unchecked Sendable {
    // Unchecked: a fuzzer has one thread.
    var files: [String: MemoryFile] = [:]
    let isReadOnly = false

    func list() throws(EventLogError) -> [String] {
        files.keys.filter { !$0.contains("/") }.sorted()
    }

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        if mode == .replace { files[name] = MemoryFile(name, []) }
        guard let file = files[name] else {
            throw EventLogError(.notFound, "there is no such file", file: name)
        }
        return file
    }

    func rename(_ old: String, to new: String) throws(EventLogError) {
        guard let file = files.removeValue(forKey: old) else {
            throw EventLogError(.notFound, "there is no such file", file: old)
        }
        files[new] = MemoryFile(new, file.bytes)
    }

    func unlink(_ name: String) throws(EventLogError) { files[name] = nil }
    func createFolder(_: String) throws(EventLogError) {}
    func syncDirectory(folder _: String?) throws(EventLogError) {}
    func lock() throws(EventLogError) -> any StorageLock { MemoryLock() }
}

final class MemoryLock: StorageLock {
    func describe(_: String) throws(EventLogError) {}
    func release() {}
}

final class MemoryFile: StorageFile, @unchecked Sendable {
    let name: String
    var bytes: [UInt8]
    /// Where `bytes` begins in the file; nothing stands before.
    let start: UInt64

    init(_ name: String, _ bytes: [UInt8], startingAt start: UInt64 = 0) {
        self.name = name
        self.bytes = bytes
        self.start = start
    }

    func read(into target: UnsafeMutableRawBufferPointer, at offset: UInt64)
        throws(EventLogError) -> Int
    {
        guard offset >= start, offset - start < UInt64(bytes.count) else { return 0 }
        let first = Int(offset - start)
        let count = min(target.count, bytes.count - first)
        bytes.withUnsafeBytes { source in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[first..<first + count]))
        }
        return count
    }

    func write(_ source: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        let first = Int(offset)
        if first + source.count > bytes.count {
            bytes += [UInt8](repeating: 0, count: first + source.count - bytes.count)
        }
        bytes.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[first..<first + source.count])
                .copyMemory(from: source)
        }
        return source.count
    }

    func sync() throws(EventLogError) {}
    func syncAll() throws(EventLogError) {}

    func truncate(to byteCount: UInt64) throws(EventLogError) {
        let count = Int(byteCount)
        if count < bytes.count { bytes.removeLast(bytes.count - count) }
    }

    func allocate(_ byteCount: UInt64) throws(EventLogError) {
        let more = Int(byteCount) - bytes.count
        if more > 0 { bytes += [UInt8](repeating: 0, count: more) }
    }

    func makeReadOnly() throws(EventLogError) {}
    func byteCount() throws(EventLogError) -> UInt64 { start + UInt64(bytes.count) }
    func close() {}
}
