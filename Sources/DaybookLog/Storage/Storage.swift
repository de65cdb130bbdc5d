/// The only way in which the log touches a disk: one directory, by file name.
///
/// Synchronous, because a log's calls are strictly ordered, and narrow, so that a simulated disk
/// can stand in for it and fail, tear or lose every single call. Names may have one folder in front
/// (`quarantine/…`). Every method may throw ``EventLogError`` with `errno`.
///
/// Durability rules that implementations promise: written bytes are durable after `sync` or
/// `syncAll` returned, a file's length after `syncAll`, a name after `syncDirectory`. Nothing else
/// is.
package protocol Storage: AnyObject, Sendable {
    /// Refuses everything that changes a file, and takes no lock.
    var isReadOnly: Bool { get }

    /// The names of the files in the directory, sorted; folders are left out.
    func list() throws(EventLogError) -> [String]

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile

    func rename(_ old: String, to new: String) throws(EventLogError)
    func unlink(_ name: String) throws(EventLogError)

    /// Creates a folder unless it is there.
    func createFolder(_ name: String) throws(EventLogError)

    /// Makes names durable: of the directory itself, or of one folder in it.
    func syncDirectory(folder: String?) throws(EventLogError)

    /// Takes the writer's lock; it goes with the process, or with `release`.
    ///
    /// - Throws: `.locked` with what the holder wrote into the file.
    func lock() throws(EventLogError) -> any StorageLock
}

package enum StorageOpenMode: Sendable {
    /// For reading; `.notFound` unless it is there.
    case read
    /// For reading and writing; `.notFound` unless it is there.
    case update
    /// Empty, for reading and writing, replacing what is there.
    case replace
}

/// An open file, addressed by explicit offsets.
package protocol StorageFile: AnyObject, Sendable {
    var name: String { get }

    /// Reads at most `bytes.count` bytes; 0 at the end of the file. One `pread`.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int

    /// Tells that a range will be read soon. A hint: it may do nothing, and it never fails.
    func prefetch(_ range: Range<UInt64>)

    /// Writes some of the bytes and tells how many. One `pwrite`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int

    /// `fdatasync`.
    func sync() throws(EventLogError)

    /// `fsync`: also length and permissions.
    func syncAll() throws(EventLogError)

    func truncate(to byteCount: UInt64) throws(EventLogError)

    /// Reserves space up to a length and makes the file that long; throws `.noSpace` when there is
    /// not as much.
    func allocate(_ byteCount: UInt64) throws(EventLogError)

    /// Takes the permission to write away, for everybody, for later opens.
    func makeReadOnly() throws(EventLogError)

    func byteCount() throws(EventLogError) -> UInt64

    /// Never throws: what had to be durable was synced before.
    func close()
}

extension StorageFile {
    package func prefetch(_ range: Range<UInt64>) {}
}

/// The right to write, held by one process.
package protocol StorageLock: AnyObject, Sendable {
    /// Replaces the informative content of the lock file.
    func describe(_ text: String) throws(EventLogError)
    func release()
}
