package import DaybookCore

/// The raw payload of a frame with batches: each batch message behind its length.
package struct BatchSequence {
    private var reader: WireReader
    private var number: UInt64
    private var position: LogPosition

    package init(
        _ raw: UnsafeRawBufferPointer, firstBatchNumber: UInt64, firstPosition: LogPosition
    ) {
        reader = WireReader(raw)
        invariant(firstBatchNumber >= 1, "BatchSequence: batches are numbered from 1")
        invariant(firstPosition > .start, "BatchSequence: positions begin with 1")
        number = firstBatchNumber
        position = firstPosition
    }

    /// Behind the message that was read last.
    var remainingByteCount: Int { reader.remainingByteCount }

    /// Steps to the next message.
    ///
    /// - Returns: `nil` at the end.
    package mutating func nextMessage() throws(BatchDefect) -> UnsafeRawBufferPointer? {
        guard !reader.isAtEnd else { return nil }
        let before = reader.remainingByteCount
        let message: UnsafeRawBufferPointer
        do throws(WireError) { message = try reader.delimited() } catch { throw BatchDefect(error) }
        invariant(
            reader.remainingByteCount < before, "BatchSequence: a batch takes bytes, so a walk ends"
        )
        return message
    }

    /// Visits the next batch; `false` at the end.
    package mutating func visitNext(
        _ tables: BatchTables, _ body: (borrowing BatchView) throws -> Void
    ) throws -> Bool {
        guard let message = try nextMessage() else { return false }
        let batch = try BatchView(
            message, number: number, firstPosition: position, tables: tables)
        number += 1
        position = position.advanced(by: batch.eventCount)
        invariant(
            position == batch.lastPosition.advanced(by: 1),
            "BatchSequence: the next batch begins behind this one")
        try body(batch)
        return true
    }
}
