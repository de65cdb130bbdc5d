import DaybookLog

/// Storage whose reads and syncs a script hears about before they are made. Reads it may cut short: what a
/// file looks like when somebody else cuts it, or when something happens just between two readings. Syncs it
/// may hold up, or let fail.
final class ScriptedStorage: Storage {
    struct Read: Sendable {
        var file: String
        var mode: StorageOpenMode
        var offset: UInt64
        var count: Int
    }

    private let base: any Storage
    /// How many bytes the read gives at most; `nil`: as many as there are.
    private let onRead: @Sendable (Read) -> Int?
    /// With the file's name.
    private let onSync: @Sendable (String) throws(EventLogError) -> Void

    init(
        _ base: any Storage, onRead: @escaping @Sendable (Read) -> Int? = { _ in nil },
        onSync: @escaping @Sendable (String) throws(EventLogError) -> Void = { _ in }
    ) {
        self.base = base
        self.onRead = onRead
        self.onSync = onSync
    }

    var isReadOnly: Bool { base.isReadOnly }
    func list() throws(EventLogError) -> [String] { try base.list() }
    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        ScriptedFile(try base.open(name, mode), mode, onRead, onSync)
    }
    func rename(_ old: String, to new: String) throws(EventLogError) {
        try base.rename(old, to: new)
    }
    func unlink(_ name: String) throws(EventLogError) { try base.unlink(name) }
    func createFolder(_ name: String) throws(EventLogError) { try base.createFolder(name) }
    func syncDirectory(folder: String?) throws(EventLogError) {
        try base.syncDirectory(folder: folder)
    }
    func lock() throws(EventLogError) -> any StorageLock { try base.lock() }
}

private final class ScriptedFile: StorageFile {
    private let base: any StorageFile
    private let mode: StorageOpenMode
    private let onRead: @Sendable (ScriptedStorage.Read) -> Int?
    private let onSync: @Sendable (String) throws(EventLogError) -> Void

    init(
        _ base: any StorageFile, _ mode: StorageOpenMode,
        _ onRead: @escaping @Sendable (ScriptedStorage.Read) -> Int?,
        _ onSync: @escaping @Sendable (String) throws(EventLogError) -> Void
    ) {
        self.base = base
        self.mode = mode
        self.onRead = onRead
        self.onSync = onSync
    }

    var name: String { base.name }
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        let most = onRead(
            ScriptedStorage.Read(file: name, mode: mode, offset: offset, count: bytes.count))
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(most ?? bytes.count))
        return try base.read(into: part, at: offset)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        try base.write(bytes, at: offset)
    }
    func sync() throws(EventLogError) {
        try onSync(name)
        try base.sync()
    }
    func syncAll() throws(EventLogError) { try base.syncAll() }
    func truncate(to byteCount: UInt64) throws(EventLogError) { try base.truncate(to: byteCount) }
    func allocate(_ byteCount: UInt64) throws(EventLogError) { try base.allocate(byteCount) }
    func makeReadOnly() throws(EventLogError) { try base.makeReadOnly() }
    func byteCount() throws(EventLogError) -> UInt64 { try base.byteCount() }
    func close() { base.close() }
}
