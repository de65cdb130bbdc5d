/// Every limit of the log, with its reason.
public enum EventLogLimits {
    /// A frame is compressed and checked as one: 16 MiB bound what a reader must hold in memory.
    public static let frameRawByteCount = 16 << 20
    /// A batch never spans frames; the rest is its length prefix.
    public static let batchByteCount = frameRawByteCount - 8
    /// Batches that arrive together share a frame up to here; beyond, LZ4 gains little (its window
    /// is 64 KiB) and a point read would have to decompress more.
    public static let sharedFrameRawByteCount = 64 << 10
    /// The smallest preallocated segment: header, some frames and the seal must fit.
    public static let smallestSegmentByteCount = 16 << 10
    /// Offsets inside a segment fit 32 bits; a file of 1 GiB is still copied and checked in
    /// seconds.
    public static let largestSegmentByteCount = 1 << 30
    /// An idempotency key, a command name, a type name: they are repeated in every batch.
    public static let nameByteCount = 1 << 10
    /// Types in one batch: the reader compares each name with those it knows.
    public static let batchTypeCount = 4_096
    /// Appends that may wait in ``EventLog`` before more are refused with `.busy`.
    public static let waitingAppendCount = 65_536
    /// How long a written mark may stay unsynced in lazy mode.
    public static let markSyncMicroseconds: Int64 = 50_000
}
