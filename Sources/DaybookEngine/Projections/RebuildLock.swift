import DaybookProjections
import Glibc

/// One rebuild at a time for a store. The lock is the process's: it ends with it.
package struct RebuildLock {
    private let descriptor: Int32

    /// - Throws: ``DaybookError`` `busy` when another process rebuilds.
    package init(in store: StoreDirectory) throws(DaybookError) {
        let path = store.readModels + "/rebuild.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DaybookError(
                .readOnly, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw DaybookError(
                .busy, "another process rebuilds the read models of \(store.path); wait for its end"
            )
        }
    }

    package func release() { close(descriptor) }
}
