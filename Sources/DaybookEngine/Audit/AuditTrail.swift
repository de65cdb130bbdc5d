import DaybookCore
import DaybookDecisions
import DaybookLog

/// Answers who did what, when and why, from the log itself.
struct AuditTrail: Sendable {
    let reader: LogReader
    let rendering: EventRendering

    init(reader: LogReader, rendering: EventRendering = EventRendering()) {
        self.reader = reader
        self.rendering = rendering
    }

    /// Hands out the entries that are asked for, in the order of their positions.
    ///
    /// Questions by tag or type use the tag index; others scan the range in constant memory.
    ///
    /// - Parameter body: returns whether to go on.
    func forEach(
        _ question: AuditQuestion, _ body: (AuditEntry) throws -> Bool
    ) throws {
        if let limit = question.limit, limit <= 0 { return }
        var remaining = question.limit ?? .max
        func take(_ event: RecordedEvent, _ batch: BatchHead) throws -> Bool {
            remaining -= 1
            let goesOn = try body(
                AuditEntry(event, of: batch, rendering: rendering, reader.upcasters))
            return goesOn && remaining > 0
        }
        if question.query == .all {
            try scan(question, take)
        } else {
            try look(question, take)
        }
    }

    private func scan(
        _ question: AuditQuestion, _ take: (RecordedEvent, BatchHead) throws -> Bool
    ) throws {
        let first = question.firstPosition ?? .start
        let last = question.lastPosition ?? LogPosition(rawValue: .max)
        try reader.forEachBatch(from: first, through: question.lastPosition) { view in
            let head = try view.head()
            guard question.admits(head.metadata) else { return true }
            for event in try view.recorded().events
            where event.position >= first && event.position <= last {
                guard try take(event, head) else { return false }
            }
            return true
        }
    }

    private func look(
        _ question: AuditQuestion, _ take: (RecordedEvent, BatchHead) throws -> Bool
    ) throws {
        var batch: BatchHead?
        let events = try reader.read(
            question.query, from: question.firstPosition, through: question.lastPosition)
        for event in events {
            if batch.map({ event.position > $0.lastPosition }) ?? true {
                batch = try reader.head(ofBatchHolding: event.position)
            }
            guard let batch, question.admits(batch.metadata) else { continue }
            guard try take(event, batch) else { return }
        }
    }

    /// The entries before the head, newest first in the reading, oldest first in the answer.
    func last(_ count: Int) throws -> [AuditEntry] {
        let head = reader.head.position
        guard count > 0, head > .start else { return [] }
        let first = head.rawValue >= UInt64(count) ? head.rawValue - UInt64(count) + 1 : 1
        var question = AuditQuestion()
        question.firstPosition = LogPosition(rawValue: first)
        var entries: [AuditEntry] = []
        try forEach(question) { entry in
            entries.append(entry)
            return true
        }
        return entries
    }
}
