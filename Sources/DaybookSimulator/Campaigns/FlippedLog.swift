import DaybookLog
import Glibc

/// A log's files in memory, for reading only and as fast as that can be; single bits can be flipped.
///
/// Unchecked: each thread of a campaign has its own.
final class FlippedLog: Storage, @unchecked Sendable {
    let isReadOnly = true
    private var files: [String: Bytes] = [:]

    /// Holds one file's bytes still, so that a flip copies nothing.
    final class Bytes {
        let memory: UnsafeMutableRawBufferPointer

        init(_ bytes: [UInt8]) {
            memory = .allocate(byteCount: bytes.count, alignment: 64)
            memory.copyBytes(from: bytes)
        }

        deinit { memory.deallocate() }
    }

    init(_ files: [String: [UInt8]]) {
        self.files = files.mapValues(Bytes.init)
    }

    func flip(_ name: String, _ byte: Int, _ bit: Int) {
        files[name]?.memory[byte] ^= 1 << UInt8(bit)
    }

    func list() throws(EventLogError) -> [String] { files.keys.sorted() }

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        guard mode == .read else { throw refusal(name) }
        guard let bytes = files[name] else { throw .system("open", name, ENOENT) }
        return FlippedFile(name: name, bytes: bytes)
    }

    func rename(_ old: String, to new: String) throws(EventLogError) { throw refusal(old) }
    func unlink(_ name: String) throws(EventLogError) { throw refusal(name) }
    func createFolder(_ name: String) throws(EventLogError) { throw refusal(name) }
    func syncDirectory(folder: String?) throws(EventLogError) { throw refusal(folder ?? ".") }
    func lock() throws(EventLogError) -> any StorageLock { throw refusal(LogFileName.lock) }
}

private func refusal(_ name: String) -> EventLogError {
    EventLogError(.readOnly, "the files of a campaign are only read", file: name)
}

private final class FlippedFile: StorageFile {
    let name: String
    private let bytes: FlippedLog.Bytes

    init(name: String, bytes: FlippedLog.Bytes) {
        self.name = name
        self.bytes = bytes
    }

    func read(into target: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        guard offset < UInt64(bytes.memory.count) else { return 0 }
        let count = min(target.count, bytes.memory.count - Int(offset))
        target.copyMemory(
            from: UnsafeRawBufferPointer(
                rebasing: bytes.memory[Int(offset)..<(Int(offset) + count)]))
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        throw refusal(name)
    }

    func sync() throws(EventLogError) { throw refusal(name) }
    func syncAll() throws(EventLogError) { throw refusal(name) }
    func truncate(to byteCount: UInt64) throws(EventLogError) { throw refusal(name) }
    func allocate(_ byteCount: UInt64) throws(EventLogError) { throw refusal(name) }
    func makeReadOnly() throws(EventLogError) { throw refusal(name) }
    func byteCount() throws(EventLogError) -> UInt64 { UInt64(bytes.memory.count) }
    func close() {}
}

/// Unchecked like its log: confined to one thread.
extension FlippedFile: @unchecked Sendable {}
