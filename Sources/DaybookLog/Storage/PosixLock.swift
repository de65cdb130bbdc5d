internal import Glibc
internal import Synchronization

/// An open-file-description lock on `LOCK`.
///
/// Unlike the older POSIX locks it belongs to the descriptor: opening and closing the file
/// elsewhere in the process does not drop it, and a second open in the same process conflicts too.
/// The kernel drops it when the process ends, however it ends; the file's content is information
/// only.
final class PosixLock: StorageLock {
    private let held: Mutex<PosixFile?>

    /// `F_OFD_SETLK` of Linux's `fcntl.h`, which Glibc declares for GNU sources only.
    private static let setOpenFileDescriptionLock: Int32 = 37

    /// Takes the lock and the ownership of the descriptor.
    init(taking descriptor: Int32) throws(EventLogError) {
        let file = PosixFile(name: LogFileName.lock, descriptor: descriptor)
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, PosixLock.setOpenFileDescriptionLock, &request) == 0 else {
            let code = errno
            guard code == EAGAIN || code == EACCES else {
                throw .system("lock", LogFileName.lock, code)
            }
            let holder = String(decoding: try file.bytes(at: 0, count: 200), as: UTF8.self)
            let who = holder.isEmpty ? "another writer" : holder.prefix { $0 != "\n" }
            throw EventLogError(
                .locked, "the log is open for writing by \(who); wait for it or stop it",
                file: LogFileName.lock, errno: code)
        }
        held = Mutex(file)
    }

    deinit { release() }

    func describe(_ text: String) throws(EventLogError) {
        guard let file = held.withLock({ $0 }) else { return }
        let line = Array("pid \(getpid()), boot \(PosixLock.bootID()), \(text)\n".utf8)
        try file.truncate(to: 0)
        try file.writeAll(line, at: 0)
    }

    func release() {
        held.withLock { held in
            guard let file = held else { return }
            held = nil
            // Not by closing alone: a child that was forked meanwhile has the descriptor, and with it
            // the lock, until it runs another program.
            var request = flock()
            request.l_type = Int16(F_UNLCK)
            request.l_whence = Int16(SEEK_SET)
            // Whatever it says, closing comes next, and there is nobody to tell.
            _ = fcntl(file.descriptor, PosixLock.setOpenFileDescriptionLock, &request)
        }
    }

    /// Tells a process of this boot from one with the same number before a restart.
    static func bootID(from path: String = "/proc/sys/kernel/random/boot_id") -> String {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "unknown" }
        let file = PosixFile(name: "boot_id", descriptor: descriptor)
        do throws(EventLogError) {
            return String(decoding: try file.bytes(at: 0, count: 36), as: UTF8.self)
        } catch {
            // Informative only: a system without /proc has no boot id.
            return "unknown"
        }
    }
}
