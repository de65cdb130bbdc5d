import Glibc

/// A folder of its own for one test; removed with its files at the end.
final class TestFolder {
    let path: String

    init() {
        var template = Array("/tmp/daybook-projections-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            preconditionFailure("TestFolder: mkdtemp failed, errno \(errno)")
        }
        path = String(cString: made)
    }

    deinit {
        chmod(path, 0o700)
        for name in fileNames where unlink(file(name)) != 0 { rmdir(file(name)) }
        rmdir(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// What is in the folder, sorted.
    var fileNames: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// Reads and writes whole files, for damaging them.
enum RawFile {
    static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer.prefix(count))
        }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { return }
        defer { fclose(file) }
        fwrite(bytes, 1, bytes.count, file)
    }
}
