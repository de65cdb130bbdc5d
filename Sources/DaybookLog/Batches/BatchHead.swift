package import DaybookCore

/// What a batch says of itself besides its events.
package struct BatchHead: Hashable, Sendable {
    package var number: UInt64
    package var metadata: BatchMetadata
    package var lastPosition: LogPosition
}

extension BatchView {
    package func head() throws(BatchDefect) -> BatchHead {
        BatchHead(number: number, metadata: try metadata(), lastPosition: lastPosition)
    }
}
