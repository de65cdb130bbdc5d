import Glibc

/// The bytes of an order history: a file, or standard input kept in a temporary file.
///
/// The import reads the bytes once from start to end and later again where a rejected row is
/// written out, so what cannot be read twice is copied while it is read. The copy has no name: it
/// is gone whenever the program ends, also by `kill -9`.
final class ImportSource {
    let name: String
    /// The file's length where it is known before reading.
    let byteCount: Int?
    private let input: Int32
    /// The unnamed copy, or `input` itself where that can be read twice.
    private let memory: Int32

    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - directory: where a copy is kept for the time of the import.
    /// - Throws: ``ImportFileError``.
    init(path: String, copyIn directory: String) throws(ImportFileError) {
        let isStandardInput = path == "-"
        name = isStandardInput ? "standard input" : path
        input = isStandardInput ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw ImportFileError(path: path, action: "open", errno) }
        var status = stat()
        guard fstat(input, &status) == 0 else {
            throw ImportFileError(path: path, action: "examine", errno)
        }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw ImportFileError(path: path, action: "read", EISDIR) }
        if kind == S_IFREG, lseek(input, 0, SEEK_CUR) == 0 {
            byteCount = Int(status.st_size)
            memory = input
        } else {
            byteCount = nil
            memory = try ImportSource.unnamedFile(in: directory)
        }
    }

    deinit {
        if memory != input { close(memory) }
        close(input)
    }

    private static func unnamedFile(in directory: String) throws(ImportFileError) -> Int32 {
        var template = Array("\(directory)/orders-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else {
            throw ImportFileError(path: directory, action: "keep a copy of the input in", errno)
        }
        unlink(template)
        return file
    }

    /// Reads on; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImportFileError) -> Int {
        while true {
            let count = Glibc.read(input, buffer.baseAddress, buffer.count)
            if count < 0 {
                guard errno == EINTR else {
                    throw ImportFileError(path: name, action: "read", errno)
                }
                continue
            }
            if memory != input { try keep(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return count
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) throws(ImportFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(
                memory, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                guard errno == EINTR else {
                    throw ImportFileError(path: name, action: "keep a copy of", errno)
                }
                continue
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Bytes that were read before.
    func bytes(at byteOffset: Int, count: Int) throws(ImportFileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let part = pread(
                    memory, buffer.baseAddress! + filled, count - filled, byteOffset + filled)
                if part < 0, errno == EINTR { continue }
                guard part > 0 else {
                    failure = part < 0 ? errno : EIO
                    return
                }
                filled += part
            }
        }
        guard failure == 0 else {
            throw ImportFileError(path: name, action: "read again (did it change?)", failure)
        }
        return bytes
    }
}

/// A file that the import cannot use.
struct ImportFileError: Error, CustomStringConvertible {
    var path: String
    var action: String
    var errorNumber: Int32

    init(path: String, action: String, _ errorNumber: Int32) {
        self.path = path
        self.action = action
        self.errorNumber = errorNumber
    }

    var description: String {
        "\(path): cannot \(action): \(String(cString: strerror(errorNumber)))"
    }
}
