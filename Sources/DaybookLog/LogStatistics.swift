public import DaybookCore

/// What a log holds, in numbers.
public struct LogStatistics: Hashable, Sendable {
    public var segmentCount = 0
    public var frameCount: UInt64 = 0
    public var batchCount: UInt64 = 0
    public var eventCount: UInt64 = 0
    /// Payloads as they are stored.
    public var storedByteCount: UInt64 = 0
    /// Payloads uncompressed.
    public var rawByteCount: UInt64 = 0
    /// Of the first and the last frame.
    public var firstTime: Instant?
    public var lastTime: Instant?

    public init() {}
}
