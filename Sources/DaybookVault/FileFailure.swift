import Glibc

/// Where `errno` becomes an explained error.
enum FileFailure {
    static func current(_ verb: String, _ path: String) -> VaultError {
        let reason = String(cString: strerror(errno))
        return VaultError(
            .io, "cannot \(verb) \(path): \(reason); check owner, permissions and free space",
            file: path)
    }

    /// Makes a new or renamed name durable.
    static func syncDirectory(of path: String) throws(VaultError) {
        let directory = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        let name = directory.isEmpty ? "/" : directory
        let descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw current("open", name) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw current("sync", name) }
    }
}
