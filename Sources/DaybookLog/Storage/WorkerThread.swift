internal import Glibc

/// One thread of our own: the log's calls block, which the concurrency runtime's threads must not.
package enum WorkerThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on a new thread, which ends with it.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(EventLogError) {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(body))
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
