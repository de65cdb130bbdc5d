internal import Glibc

/// An open file of a ``FileStorage``.
final class PosixFile: StorageFile {
    let name: String
    let descriptor: Int32
    private let reserve: DescriptorReserve?

    init(name: String, descriptor: Int32, reserve: DescriptorReserve? = nil) {
        invariant(descriptor >= 0, "PosixFile: it was opened")
        self.name = name
        self.descriptor = descriptor
        self.reserve = reserve
    }

    deinit {
        if let reserve { reserve.close(descriptor) } else { Glibc.close(descriptor) }
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        let count = try retryingInterrupts("read", name, at: offset) {
            pread(descriptor, bytes.baseAddress, bytes.count, Int(offset))
        }
        invariant(count <= bytes.count, "PosixFile: no more is read than there is room for")
        return count
    }

    func prefetch(_ range: Range<UInt64>) {
        invariant(!range.isEmpty, "PosixFile: the system takes a hint about nothing for all of it")
        // Its result is ignored: without the hint the read takes longer.
        _ = posix_fadvise(
            descriptor, Int(range.lowerBound), Int(range.upperBound - range.lowerBound),
            POSIX_FADV_WILLNEED)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        invariant(!bytes.isEmpty, "PosixFile: nothing is not written")
        let count = try retryingInterrupts("write", name, at: offset) {
            pwrite(descriptor, bytes.baseAddress, bytes.count, Int(offset))
        }
        invariant(count <= bytes.count, "PosixFile: no more is written than was given")
        return count
    }

    func sync() throws(EventLogError) {
        _ = try retryingInterrupts("fdatasync", name) { fdatasync(descriptor) }
    }

    func syncAll() throws(EventLogError) {
        _ = try retryingInterrupts("fsync", name) { fsync(descriptor) }
    }

    func truncate(to byteCount: UInt64) throws(EventLogError) {
        _ = try retryingInterrupts("truncate", name) { ftruncate(descriptor, Int(byteCount)) }
    }

    func allocate(_ byteCount: UInt64) throws(EventLogError) {
        invariant(
            byteCount > 0, "PosixFile: the system takes an allocation of nothing for an error")
        _ = try retryingInterrupts("allocate", name) { () -> Int32 in
            // Unlike other calls it returns the error instead of setting errno.
            errno = posix_fallocate(descriptor, 0, Int(byteCount))
            return -errno
        }
    }

    func makeReadOnly() throws(EventLogError) {
        _ = try retryingInterrupts("chmod", name) { fchmod(descriptor, 0o400) }
    }

    func byteCount() throws(EventLogError) -> UInt64 {
        var status = stat()
        _ = try retryingInterrupts("stat", name) { fstat(descriptor, &status) }
        invariant(status.st_size >= 0, "PosixFile: a file that was opened has a length")
        return UInt64(status.st_size)
    }

    // The descriptor is closed when the last reference goes, so that a reader that still holds the
    // file never reads from a descriptor that was given to another file.
    func close() {}
}
