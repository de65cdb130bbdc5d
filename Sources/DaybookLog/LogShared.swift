internal import Synchronization

/// What the two halves of a writer tell each other without a lock.
final class LogShared: Sendable {
    /// The position of the last durable event.
    let durablePosition: Atomic<UInt64>
    let isPoisoned = Atomic<Bool>(false)
    let isClosed = Atomic<Bool>(false)
    /// How many bytes may be staged since the log was opened; unlimited unless the disk is full.
    let stagingCredit = Atomic<UInt64>(.max)

    init(durablePosition: UInt64) {
        self.durablePosition = Atomic(durablePosition)
    }
}
