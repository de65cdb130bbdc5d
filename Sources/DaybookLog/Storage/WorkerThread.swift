internal import Glibc

/// One thread of our own: the log's calls block, which the concurrency runtime's threads must not.
package enum WorkerThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Gives the calling thread the name `daybook-NAME`, cut to what Linux takes: for whoever looks with
    /// `top -H` or a profiler which thread is at work.
    package static func nameThisOne(_ name: String) {
        // Glibc's own function for it is hidden from Swift. A thread without its name does its work all the
        // same: of a file that could not be opened nothing is written.
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        let bytes = Array("daybook-\(name)".utf8.prefix(15))
        _ = write(file, bytes, bytes.count)
    }

    /// Runs `body` on a new thread, which ends with it.
    ///
    /// - Parameters:
    ///   - name: see ``nameThisOne(_:)``.
    ///   - niceness: added to that of the thread that starts it, of this one only: others go first. What libdispatch starts
    ///     for a nice thread is as nice for good, so with any the body must start no threads and wake no tasks.
    package static func start(
        _ name: String, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void
    ) throws(EventLogError) {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(
            Start {
                nameThisOne(name)
                // Nobody is refused less than he has.
                if niceness != 0 { _ = nice(niceness) }
                body()
            })
        let code = pthread_create(
            &thread, nil,
            { argument in
                let start = established(argument, "WorkerThread: it is given what to start")
                Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw .system("start a thread", "", code)
        }
        invariant(pthread_detach(thread) == 0, "WorkerThread: a thread is let go once")
    }
}
