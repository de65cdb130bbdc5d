import Glibc

/// The rows that became nothing, with the reason: CSV, in the order of the input.
///
/// The file is written from its start by every run, so that a resumed import leaves the same file
/// as an undisturbed one.
final class RejectFile {
    static let header = "row,reason,code," + OrderHistory.columns.joined(separator: ",") + "\n"

    let path: String
    private let file: Int32
    private var buffer: [UInt8] = []
    private static let bufferByteCount = 1 << 16

    /// - Throws: ``ImportFileError`` when the file cannot be made.
    init(path: String) throws(ImportFileError) {
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ImportFileError(path: path, action: "write", errno) }
        buffer.append(contentsOf: RejectFile.header.utf8)
    }

    deinit { close(file) }

    /// Adds a row.
    ///
    /// - Parameter original: the record as it stands in the input; a malformed one is quoted as one
    ///   field, so that this file is well-formed all the same.
    func add(row: Int, reason: String, code: String, original: [UInt8], isMalformed: Bool)
        throws(ImportFileError)
    {
        buffer.append(contentsOf: "\(row),\(RejectFile.quoted(reason)),\(code),".utf8)
        if isMalformed {
            let text = String(decoding: original, as: UTF8.self)
            buffer.append(contentsOf: RejectFile.quoted(text).utf8)
            buffer.append(contentsOf: repeatElement(0x2C, count: OrderHistory.columns.count - 1))
        } else {
            buffer.append(contentsOf: original)
        }
        buffer.append(0x0A)
        if buffer.count >= RejectFile.bufferByteCount { try flush() }
    }

    /// Hands everything to the operating system.
    func flush() throws(ImportFileError) {
        var start = 0
        while start < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                write(file, bytes.baseAddress! + start, bytes.count - start)
            }
            if count < 0 {
                guard errno == EINTR else {
                    throw ImportFileError(path: path, action: "write", errno)
                }
                continue
            }
            start += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D })
        else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
