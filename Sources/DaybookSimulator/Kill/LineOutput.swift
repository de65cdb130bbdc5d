internal import Glibc
internal import Synchronization

/// Whole lines to a descriptor, each with one `write(2)`: what was received was said, whatever
/// happens to the process afterwards.
package final class LineOutput: Sendable {
    private let descriptor: Int32
    private let turn = Mutex(())

    package init(descriptor: Int32 = 1) {
        self.descriptor = descriptor
    }

    /// A reader that is gone ends the process by `SIGPIPE`, as it should.
    package func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        turn.withLock { _ in
            var done = 0
            while done < bytes.count {
                let count = bytes[done...].withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                if count > 0 { done += count } else if errno != EINTR { return }
            }
        }
    }
}
