package import DaybookCore

/// Where a frame with batches begins: one entry for the first of a segment and for each one that
/// begins at least 64 KiB after the last entry's.
package struct SparseEntry: Hashable, Sendable {
    package var byteOffset: UInt64
    package var frameNumber: UInt64
    package var batchNumber: UInt64
    package var position: LogPosition
    package var time: Instant

    static let byteCount = 40
    /// The least distance between two entries.
    static let spacing: UInt64 = 64 << 10

    /// The most entries that a segment of this length can have.
    static func maximumCount(inSegmentOf byteCount: UInt64) -> Int {
        Int(byteCount / spacing) + 1
    }
}
