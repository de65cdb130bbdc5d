internal import Foundation
internal import Glibc
internal import Synchronization

/// A child process whose standard output is read line by line; started by `posix_spawn`, because a
/// thousand of them must not take a minute.
final class Subprocess {
    let pid: pid_t
    private let output: Int32
    private var pending: [UInt8] = []
    private(set) var isAtEnd = false

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// One start at a time: a child must not inherit the pipe that another one is about to get, or
    /// that one's output would not end with it.
    private static let turn = Mutex(())

    /// How the child ended.
    enum End: Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    init(_ program: String, _ arguments: [String]) throws(Failure) {
        (pid, output) = try Subprocess.turn.withLock { _ throws(Failure) in
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw Failure(description: "pipe: errno \(errno)") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer { Glibc.close(ends[1]) }
            let pid = try Subprocess.spawn(program, arguments) { actions in
                posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            }
            return (pid, ends[0])
        }
    }

    deinit { Glibc.close(output) }

    private static func spawn(
        _ program: String, _ arguments: [String],
        _ prepare: (inout posix_spawn_file_actions_t) -> Void
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        prepare(&actions)
        var words = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        // A worker that traps must end, not explain itself to a pipe for minutes.
        var settings = environment().map { strdup($0) }
        defer { for setting in settings { free(setting) } }
        settings.append(nil)
        var pid = pid_t()
        let code = posix_spawn(&pid, program, &actions, nil, &words, &settings)
        guard code == 0 else {
            throw Failure(description: "cannot start \(program): errno \(code)")
        }
        return pid
    }

    private static func environment() -> [String] {
        ProcessInfo.processInfo.environment.filter { $0.key != "SWIFT_BACKTRACE" }
            .map { "\($0.key)=\($0.value)" }.sorted() + ["SWIFT_BACKTRACE=enable=no"]
    }

    /// Starts a process that nobody waits for and that inherits every descriptor that may be.
    static func leaveBehind(_ program: String, _ arguments: [String]) throws(Failure) {
        _ = try spawn(program, arguments) { actions in
            for descriptor in Int32(0)...2 {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            }
        }
    }

    /// Waits for output.
    ///
    /// - Parameter deadline: of `WallClock.microseconds`.
    /// - Returns: the complete lines that came; empty at the deadline and at the end of the output.
    func lines(until deadline: Int64) -> [String] {
        while !isAtEnd {
            let left = deadline - WallClock.microseconds()
            var waited = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            // Below a millisecond it looks again and again: the moment is what is tried out.
            let count = poll(&waited, 1, Int32(clamping: max(0, left) / 1_000))
            if count == 0, left >= 0 { continue }
            if count == 0 { return [] }
            guard count > 0 || errno == EINTR else { break }
            let lines = takeLines()
            if !lines.isEmpty { return lines }
        }
        return []
    }

    /// One read; a last line without its end was not completely received and does not count.
    private func takeLines() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(output, &buffer, buffer.count)
        if count == 0 { isAtEnd = true }
        guard count > 0 else { return [] }
        pending += buffer[..<count]
        guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        defer { pending.removeFirst(end + 1) }
        return pending[..<end].split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for the end of the process; to be called once.
    func reap() -> End {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
}
