import ArgumentParser
import DaybookLog
import Glibc

/// Lines that are out when the call returns: another process counts on each.
enum Line {
    /// - Throws: exit code 74 when nobody can be told any more.
    static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) throws {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ExitCode(74) }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Says why on standard error.
    ///
    /// - Returns: the exit code that `daybook` has for it (INTERFACES.md, section 2).
    static func failure(_ error: EventLogError) throws -> ExitCode {
        try write("\(error)", to: STDERR_FILENO)
        switch error.code {
        case .damaged: return ExitCode(65)
        case .notFound, .notALog: return ExitCode(10)
        case .locked: return ExitCode(11)
        case .newerFormat: return ExitCode(12)
        case .noSpace, .busy: return ExitCode(75)
        case .poisoned, .io, .fenced, .closed, .readOnly, .permission: return ExitCode(74)
        case .alreadyExists, .tooLarge, .invalidQuery, .invalidBatch, .afterBeyondHead,
            .idempotencyKeyReused:
            return ExitCode(1)
        }
    }
}
