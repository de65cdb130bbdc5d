import Foundation

/// What the kernel keeps of files.
public enum PageCache {
    /// Has the kernel forget the files below a folder; mapped and unwritten pages stay.
    public static func forget(_ folder: String) throws {
        guard let files = FileManager.default.enumerator(atPath: folder) else {
            throw WorkloadStore.Failure("cannot list \(folder)")
        }
        while let name = files.nextObject() as? String {
            let file = open(folder + "/" + name, O_RDONLY)
            // Folders and what was removed meanwhile have no pages.
            guard file >= 0 else { continue }
            defer { close(file) }
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
        }
    }

    /// Has the kernel read the files below a folder, so that whoever asks next finds them in memory as far as
    /// that goes.
    public static func fill(with folder: String) throws {
        guard let files = FileManager.default.enumerator(atPath: folder) else {
            throw WorkloadStore.Failure("cannot list \(folder)")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4_096)
        defer { buffer.deallocate() }
        while let name = files.nextObject() as? String {
            let file = open(folder + "/" + name, O_RDONLY)
            guard file >= 0 else { continue }
            defer { close(file) }
            while read(file, buffer.baseAddress, buffer.count) > 0 {}
        }
    }

    /// Empties the page cache of the whole machine; root only.
    public static func empty() throws {
        let path = "/proc/sys/vm/drop_caches"
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw WorkloadStore.Failure("cannot write \(path): only root may empty the page cache")
        }
        defer { try? handle.close() }
        try handle.write(contentsOf: Data("1\n".utf8))
    }
}
