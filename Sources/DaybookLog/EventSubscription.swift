public import DaybookCore

/// The events that match a query, those there are and those to come, in the order of their
/// positions.
public struct EventSubscription: AsyncSequence, Sendable {
    public typealias Element = RecordedEvent

    let query: Query
    let next: LogPosition
    let reader: LogReader
    let signal: HeadSignal

    public func makeAsyncIterator() -> Iterator {
        Iterator(query: query, next: next, reader: reader, signal: signal)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let query: Query
        /// The first position that was not looked at yet.
        private var next: LogPosition
        private let reader: LogReader
        private let signal: HeadSignal
        private var ready: ArraySlice<RecordedEvent> = []

        /// Bounds what a subscriber that lags far behind holds in memory.
        private static let readLimit = 512

        init(query: Query, next: LogPosition, reader: LogReader, signal: HeadSignal) {
            self.query = query
            self.next = next
            self.reader = reader
            self.signal = signal
        }

        /// The next event; `nil` when the log was closed or the task cancelled.
        public mutating func next() async throws -> RecordedEvent? {
            while true {
                if let event = ready.popFirst() { return event }
                guard !Task.isCancelled else { return nil }
                let head = reader.head.position
                guard next <= head else {
                    let before = LogPosition(rawValue: next.rawValue - 1)
                    guard try await signal.wait(beyond: before) else { return nil }
                    continue
                }
                let events = try reader.read(
                    query, from: next, through: head, direction: .forwards,
                    limit: Iterator.readLimit)
                if events.count == Iterator.readLimit, let last = events.last {
                    next = last.position.advanced(by: 1)
                } else {
                    next = head.advanced(by: 1)
                }
                ready = events[...]
            }
        }
    }
}
