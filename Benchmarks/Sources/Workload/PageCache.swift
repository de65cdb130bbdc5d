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
