import Glibc

/// Remembers in the store which waves of a history are completely done.
///
/// An import that was killed has at most one wave in the air. Only there may the reactors run when
/// it is resumed: run for an earlier wave, they would make the payments of the unfinished one
/// before its last orders are recorded, and the log would not be that of an undisturbed import. The
/// log alone stays the truth about what was recorded; without the marker nothing is lost or
/// doubled.
struct ImportMarker {
    private let path: String

    /// - Parameters:
    ///   - directory: the store's directory for imports; made if it is not there.
    ///   - contentName: which history it is.
    init(directory: String, contentName: String) throws(ImportFileError) {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw ImportFileError(path: directory, action: "create", errno)
        }
        path = "\(directory)/\(contentName).wave"
    }

    /// The last wave that is done; 0 where there is no marker.
    func lastWave() -> Int {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(file, &bytes, bytes.count)
        guard count > 0, let end = bytes[..<count].firstIndex(of: 0x0A) else { return 0 }
        return Int(String(decoding: bytes[..<end], as: UTF8.self)) ?? 0
    }

    /// Notes that a wave is done. A power cut may forget it, `kill -9` does not.
    ///
    /// In place and always as many bytes, so that nothing changes but these.
    func finished(_ wave: Int) throws(ImportFileError) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ImportFileError(path: path, action: "write", errno) }
        let digits = String(wave)
        let padding = String(repeating: "0", count: max(0, ImportMarker.digitCount - digits.count))
        let line = Array("\(padding)\(digits)\n".utf8)
        let isWritten = pwrite(file, line, line.count, 0) == line.count
        let errorNumber = errno
        close(file)
        guard isWritten else {
            throw ImportFileError(path: path, action: "write", errorNumber)
        }
    }

    private static let digitCount = 19
}
