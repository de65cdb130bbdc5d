public import DaybookCore

/// The end of the log: what the last durable frame leaves behind.
public struct LogHead: Hashable, Sendable {
    /// The last event's; `.start` in an empty log.
    public var position: LogPosition
    /// The last batch's; 0 in an empty log.
    public var batchNumber: UInt64
    /// The last frame's, of any kind.
    public var frameNumber: UInt64
    /// Covers everything from the log's id to the last frame.
    public var chain: Digest

    public init(position: LogPosition, batchNumber: UInt64, frameNumber: UInt64, chain: Digest) {
        self.position = position
        self.batchNumber = batchNumber
        self.frameNumber = frameNumber
        self.chain = chain
    }
}
