/// A log's files as they would be after a repair: some replaced in memory, the rest as they are.
///
/// Read-only.
final class OverlayStorage: Storage {
    let base: any Storage
    /// By name; `nil` hides the file.
    let replaced: [String: [UInt8]?]
    let isReadOnly = true

    init(_ base: any Storage, replacing files: [String: [UInt8]?]) {
        self.base = base
        replaced = files
    }

    func list() throws(EventLogError) -> [String] {
        var names = try base.list().filter { replaced[$0] == nil }
        for (name, bytes) in replaced where bytes != nil { names.append(name) }
        return names.sorted()
    }

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        guard mode == .read else { throw OverlayStorage.readOnly(name) }
        guard let known = replaced[name] else { return try base.open(name, .read) }
        guard let bytes = known else {
            throw EventLogError(.notFound, "the repair removes this file", file: name)
        }
        return OverlayFile(name: name, bytes: bytes)
    }

    func rename(_ old: String, to new: String) throws(EventLogError) {
        throw OverlayStorage.readOnly(old)
    }

    func unlink(_ name: String) throws(EventLogError) { throw OverlayStorage.readOnly(name) }
    func createFolder(_ name: String) throws(EventLogError) { throw OverlayStorage.readOnly(name) }

    func syncDirectory(folder: String?) throws(EventLogError) {
        throw OverlayStorage.readOnly(folder ?? ".")
    }

    func lock() throws(EventLogError) -> any StorageLock {
        throw OverlayStorage.readOnly(LogFileName.lock)
    }

    static func readOnly(_ name: String) -> EventLogError {
        EventLogError(.readOnly, "a planned repair is only looked at", file: name)
    }
}

private final class OverlayFile: StorageFile {
    let name: String
    private let bytes: [UInt8]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    func read(into target: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        guard offset < UInt64(bytes.count) else { return 0 }
        let count = min(target.count, bytes.count - Int(offset))
        bytes.withUnsafeBytes { source in
            target.copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: source[Int(offset)..<(Int(offset) + count)]))
        }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        throw OverlayStorage.readOnly(name)
    }

    func sync() throws(EventLogError) { throw OverlayStorage.readOnly(name) }
    func syncAll() throws(EventLogError) { throw OverlayStorage.readOnly(name) }
    func truncate(to byteCount: UInt64) throws(EventLogError) {
        throw OverlayStorage.readOnly(name)
    }
    func allocate(_ byteCount: UInt64) throws(EventLogError) { throw OverlayStorage.readOnly(name) }
    func makeReadOnly() throws(EventLogError) { throw OverlayStorage.readOnly(name) }
    func byteCount() throws(EventLogError) -> UInt64 { UInt64(bytes.count) }
    func close() {}
}
