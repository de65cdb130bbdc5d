internal import Glibc

/// Steps through the names in a directory. Confined to its owner.
final class DirectoryStream {
    private let stream: OpaquePointer
    private let path: String

    /// Takes the ownership of the descriptor, also when it throws.
    ///
    /// - Parameter path: for errors only.
    init(taking descriptor: Int32, _ path: String) throws(EventLogError) {
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            Glibc.close(descriptor)
            throw .system("list", path, code)
        }
        self.stream = stream
        self.path = path
    }

    deinit { closedir(stream) }

    /// The name of the next file; folders are left out. `nil` at the end.
    func nextFileName() throws(EventLogError) -> String? {
        errno = 0
        while let entry = readdir(stream) {
            guard entry.pointee.d_type != UInt8(DT_DIR) else { continue }
            return withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        // The end and an error look the same, but for this.
        guard errno == 0 else { throw .system("list", path, errno) }
        return nil
    }
}
