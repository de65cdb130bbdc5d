import Glibc

/// The embedded bank's append-only file.
///
/// One `write` per flush and no `fsync`: the file stands for the outside world, which survives a kill
/// of this process, and the kernel keeps written pages then.
struct BankLedgerFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []

    static let name = "ledger.ndjson"

    /// Opens or creates the ledger and hands its lines to `body`.
    ///
    /// A last line without line break was never answered for (the process died while writing it): it
    /// is cut off. Any other malformed line is `ledgerDamaged`.
    static func open(
        inDirectory directory: String, eachLine body: (BankLedgerLine) -> Void
    ) throws(GatewayError) -> BankLedgerFile {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw BankLedgerFile.failure("create the folder", directory, errno)
        }
        return try open(path: directory + "/" + BankLedgerFile.name, eachLine: body)
    }

    static func open(
        path: String, eachLine body: (BankLedgerLine) -> Void
    ) throws(GatewayError) -> BankLedgerFile {
        let descriptor = Glibc.open(
            path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw BankLedgerFile.failure("open", path, errno) }
        // From here on `deinit` closes the file, also when something below throws.
        let file = BankLedgerFile(descriptor: descriptor, path: path)
        let bytes = try BankLedgerFile.contents(of: descriptor, path: path)
        let byteCount = try BankLedgerFile.readLines(bytes, path: path, eachLine: body)
        guard byteCount == bytes.count || ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw BankLedgerFile.failure("cut the unfinished last line off", path, errno)
        }
        return file
    }

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    mutating func add(_ line: BankLedgerLine) {
        buffer = line.encoded(appendingTo: exchange(&buffer, with: []))
        buffer.append(UInt8(ascii: "\n"))
    }

    /// Hands everything added to the kernel; after that a kill of this process loses none of it.
    mutating func flush() throws(GatewayError) {
        var offset = 0
        while offset < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw BankLedgerFile.failure("write", path, errno)
            }
            offset += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

extension BankLedgerFile {
    private static func contents(
        of descriptor: Int32, path: String
    ) throws(GatewayError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("measure", path, errno) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress! + offset, buffer.count - offset, off_t(offset))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("read", path, count < 0 ? errno : EIO) }
            offset += count
        }
        return bytes
    }

    /// The byte count of the whole lines.
    private static func readLines(
        _ bytes: [UInt8], path: String, eachLine body: (BankLedgerLine) -> Void
    ) throws(GatewayError) -> Int {
        var start = 0
        var number = 1
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes.withUnsafeBytes { buffer in
                BankLedgerLine(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            }
            guard let line else {
                throw GatewayError(
                    .ledgerDamaged,
                    "\(path) line \(number) is not a line of the bank's ledger; restore the file "
                        + "or move it away to begin with an empty bank")
            }
            body(line)
            start = end + 1
            number += 1
        }
        return start
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32) -> GatewayError {
        GatewayError(
            .io,
            "cannot \(verb) \(path): \(String(cString: strerror(code))); check the folder's owner, "
                + "permissions and free space")
    }
}
