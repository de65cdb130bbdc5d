package import DaybookCore

/// How a log is laid out and how hard it syncs.
public struct EventLogOptions: Sendable {
    public enum Codec: Sendable {
        /// LZ4 block format, where it makes the frame smaller.
        case lz4
        case none
    }

    public enum Durability: Sendable {
        /// The commit mark is written with every group and synced on rotation, on close and at the
        /// first chance after 50 ms: a killed process loses nothing, and neither does a power cut.
        case lazy
        /// The mark is synced before the acknowledgement: one more sync a group, and a power cut
        /// together with damage of exactly the last group is noticed too.
        case marked
    }

    /// Length of the first segment; each next one is twice as long, up to `segmentByteCount`.
    public var firstSegmentByteCount = 1 << 20
    /// A start after a crash reads the last segment, so that this bounds it.
    public var segmentByteCount = 32 << 20
    public var codec = Codec.lz4
    public var durability = Durability.lazy
    /// A protobuf `FileDescriptorSet` of the events' payloads, written at the start of every
    /// segment, so that a log explains itself; empty: none. The log does not look into it.
    public var schema: [UInt8] = []

    /// Whether a thread of its own writes the tag indexes of sealed segments; otherwise each is
    /// written at the first question that needs it.
    public var indexesInBackground = true

    /// Former names and shapes of the events; none: every event is what it is called.
    package var upcasters = UpcasterChain.none

    public init() {}

    /// The preallocated length of segment `number`, counted from 1.
    func byteCount(ofSegment number: UInt64) -> UInt64 {
        let first = UInt64(max(firstSegmentByteCount, EventLogLimits.smallestSegmentByteCount))
        let most = UInt64(max(segmentByteCount, EventLogLimits.smallestSegmentByteCount))
        let doublings = min(number - 1, 30)
        return min(most, first << doublings, UInt64(EventLogLimits.largestSegmentByteCount))
            .roundedUp(to: 4096)
    }
}

extension UInt64 {
    /// The next multiple; `unit` is a power of two.
    func roundedUp(to unit: UInt64) -> UInt64 { (self + unit - 1) & ~(unit - 1) }
}
