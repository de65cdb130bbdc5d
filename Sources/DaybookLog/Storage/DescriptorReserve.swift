internal import Glibc
internal import Synchronization

/// Descriptors that are kept aside, so that a log in use goes on when the process has no more: the
/// change to the next segment opens two files, and failing there would end the writer.
///
/// What is closed fills the reserve again without the number becoming free in between, so that no
/// other thread takes it.
final class DescriptorReserve: Sendable {
    private let source: Int32
    private let held = Mutex<[Int32]>([])

    /// The spare, and the next segment under its own name.
    private static let count = 2

    /// - Parameter source: what the placeholders are duplicates of; must stay open as long.
    init(source: Int32) {
        self.source = source
        held.withLock { held in
            while held.count < DescriptorReserve.count {
                let descriptor = fcntl(source, F_DUPFD_CLOEXEC, 0)
                // Without a reserve the log works as long as there are descriptors.
                guard descriptor >= 0 else { break }
                held.append(descriptor)
            }
            invariant(
                held.count <= DescriptorReserve.count, "DescriptorReserve: no more than is needed")
        }
    }

    deinit {
        held.withLock { held in
            for descriptor in held { Glibc.close(descriptor) }
        }
    }

    /// Opens with a descriptor of the reserve when there is no other one.
    func open(_ call: () -> Int32) -> Int32 {
        var descriptor = call()
        while descriptor < 0, errno == EMFILE || errno == ENFILE {
            let code = errno
            guard let freed = held.withLock({ $0.popLast() }) else {
                errno = code
                return -1
            }
            invariant(freed != source, "DescriptorReserve: the directory stays open")
            Glibc.close(freed)
            descriptor = call()
        }
        return descriptor
    }

    /// Closes a descriptor, or keeps its number when the reserve is not full.
    func close(_ descriptor: Int32) {
        invariant(descriptor != source, "DescriptorReserve: the directory stays open")
        let isKept = held.withLock { held in
            guard held.count < DescriptorReserve.count, dup2(source, descriptor) >= 0 else {
                return false
            }
            // `dup3` would do both at once, but Glibc declares it for GNU sources only. A program that
            // is started in between inherits a directory to read, no lock.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            held.append(descriptor)
            invariant(
                held.count <= DescriptorReserve.count, "DescriptorReserve: no more than is needed")
            return true
        }
        if !isKept { Glibc.close(descriptor) }
    }
}
