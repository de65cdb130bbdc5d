public import DaybookCore

/// What the machine says when it cannot do what was asked: what failed, where, why, and what now.
///
/// A conflict is not an error but a result.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// There is no log in the directory.
        case notFound
        /// There is one already.
        case alreadyExists
        /// Another process has the log open for writing.
        case locked
        /// Acknowledged bytes are damaged or missing; nothing was changed.
        case damaged
        /// Written by a newer version with features that must be understood.
        case newerFormat
        /// A batch or a field is beyond its limit.
        case tooLarge
        /// The disk is full; nothing was accepted. Works again by itself when space returns.
        case noSpace
        /// An earlier write or sync failed; the outcome of unacknowledged batches is unknown.
        case poisoned
        /// The operating system refused a call; see `errno`.
        case io
        /// The log was closed.
        case closed
        /// An empty list of query items.
        case invalidQuery
        /// A batch without events, or with a schema version of 0.
        case invalidBatch
        /// A condition names a position that does not exist yet.
        case afterBeyondHead
        /// The storage was opened for reading only.
        case readOnly
        /// The file is not part of a Daybook log.
        case notALog
        /// The operating system denies access.
        case permission
        /// Another writer has taken the log over; this one must stop.
        case fenced
        /// Too many appends are waiting.
        case busy
        /// The idempotency key was used before with another fingerprint.
        case idempotencyKeyReused
    }

    public var code: Code
    public var message: String
    public var file: String?
    public var byteOffset: UInt64?
    /// The positions that are affected.
    public var positions: ClosedRange<LogPosition>?
    public var errno: Int32?
    /// The exact report when `code` is `.damaged`.
    public var finding: DamageFinding?

    public init(
        _ code: Code, _ message: String, file: String? = nil, byteOffset: UInt64? = nil,
        positions: ClosedRange<LogPosition>? = nil, errno: Int32? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.byteOffset = byteOffset
        self.positions = positions
        self.errno = errno
    }

    /// Damage with its exact report.
    init(_ finding: DamageFinding) {
        self.init(
            .damaged,
            "\(finding). Nothing was changed; `daybook repair --dry-run` says what can be done.",
            file: finding.file, byteOffset: finding.byteRange.lowerBound,
            positions: finding.positions)
        self.finding = finding
    }

    public var description: String {
        var text = "\(code.rawValue): \(message)"
        if finding == nil {
            if let file { text += " [file \(file)]" }
            if let byteOffset { text += " [byte \(byteOffset)]" }
        }
        if let errno { text += " [errno \(errno)]" }
        return text
    }
}
