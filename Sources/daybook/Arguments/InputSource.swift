import Glibc

/// Where a command reads: a file, or standard input for `-`.
struct InputSource: Hashable, Sendable {
    var argument: String

    init(_ argument: String) {
        self.argument = argument
    }

    var isStandardInput: Bool { argument == "-" }

    /// For messages.
    var name: String { isStandardInput ? "standard input" : argument }

    /// Opens it for reading; the caller closes the descriptor.
    ///
    /// - Throws: ``Failure``: 5 when there is no such file, 74 when it cannot be read, 64 when
    ///   standard input is a keyboard.
    func open() throws(Failure) -> Int32 {
        if isStandardInput {
            guard isatty(STDIN_FILENO) == 0 else {
                throw .usage(
                    "standard input is a terminal; give a file, or pipe the data in",
                    wayOut: ["daybook help"])
            }
            return STDIN_FILENO
        }
        let descriptor = Glibc.open(argument, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                throw .notFound(
                    "\(argument): there is no such file", details: ["path": .text(argument)])
            }
            throw .file(argument, "open", errorNumber: errno)
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw .usage("\(argument) is a directory, not a file")
        }
        return descriptor
    }

    /// The whole content.
    ///
    /// - Parameter limit: more bytes than this are refused.
    func read(limit: Int = 64 << 20) throws(Failure) -> [UInt8] {
        let descriptor = try open()
        defer { if !isStandardInput { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .file(name, "read", errorNumber: errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw .usage("\(name): more than \(limit) bytes")
            }
        }
    }
}
