import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import Glibc

extension StoreOptions {
    var layout: StoreDirectory { StoreDirectory(path: directory) }

    /// Opens the log for reading: without a lock, without permission to write, beside a writer.
    ///
    /// - Throws: ``Failure`` 10 when there is no store, saying what there is instead; what the log says.
    func openLog() throws -> LogReader {
        try requireStore()
        return try LogReader.openReadOnly(
            storage: try FileStorage(path: layout.log, readOnly: true), hash: .sha256,
            upcasters: .current)
    }

    /// - Throws: ``Failure`` 10 or 74 unless the directory looks like a store.
    func requireStore() throws(Failure) {
        var status = stat()
        guard stat(layout.path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw noStore("there is no such directory")
            }
            throw .file(directory, "open", errorNumber: errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw noStore("it is a file, no directory")
        }
        guard stat(layout.log, &status) == 0 else {
            if errno == EACCES { throw .file(directory, "look into", errorNumber: errno) }
            throw noStore("the directory holds no Daybook store")
        }
    }

    private func noStore(_ why: String) -> Failure {
        Failure(
            .noStore, code: "store_not_found", "\(directory): \(why)",
            details: ["store": .text(directory), "source": .text(resolved.source)],
            wayOut: ["daybook init --store \(shellQuoted(directory))", "daybook demo"])
    }
}
