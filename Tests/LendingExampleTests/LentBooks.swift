import DaybookCore
import DaybookTestKit

/// Who has which book.
struct LentBooks: RowProjector {
    private var copies: [String: Int] = [:]
    private var readers: [String: [String]] = [:]
    private var checkpoint = LogPosition.start

    mutating func project(_ run: [Delivery<LendingEvent>]) {
        for delivery in run where delivery.position > checkpoint {
            take(delivery.fact)
            checkpoint = delivery.position
        }
    }

    private mutating func take(_ event: LendingEvent) {
        switch event {
        case .bookAdded(let book, let count): copies[book, default: 0] += count
        case .borrowed(let book, let reader, _): readers[book, default: []].append(reader)
        case .givenBack(let book, let reader, _): readers[book]?.removeAll { $0 == reader }
        case .reserved: break
        }
    }

    func tables() -> [RowTable] {
        let rows = copies.keys.sorted().map { book in
            let lent = readers[book, default: []].sorted()
            let free = copies[book, default: 0] - lent.count
            return [book, String(free), lent.joined(separator: ", ")]
        }
        return [RowTable(columns: ["book", "free", "lent to"], rows: rows)]
    }
}

/// How events are stored: as text, the parts separated by bars.
enum LendingFormat {
    static let borrowed: EventType = "Borrowed"

    static func store(_ event: LendingEvent) -> StoredEvent {
        let (type, version, text): (EventType, UInt32, String) =
            switch event {
            case .bookAdded(let book, let copies): ("BookAdded", 1, "\(book)|\(copies)")
            case .borrowed(let book, let reader, let day): (borrowed, 2, "\(book)|\(reader)|\(day)")
            case .givenBack(let book, let reader, let next):
                ("GivenBack", 1, "\(book)|\(reader)|\(next ?? "")")
            case .reserved(let book, let reader): ("Reserved", 1, "\(book)|\(reader)")
            }
        return StoredEvent(type: type, schemaVersion: version, payload: Array(text.utf8))
    }

    static func read(_ stored: StoredEvent) throws -> LendingEvent {
        let text = String(decoding: stored.payload, as: UTF8.self)
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        switch (stored.type, parts.count) {
        case ("BookAdded", 2): return .bookAdded(parts[0], copies: Int(parts[1]) ?? 0)
        case (borrowed, 3):
            return .borrowed(parts[0], by: parts[1], dueDay: Int(parts[2]) ?? 0)
        case ("GivenBack", 3):
            return .givenBack(parts[0], by: parts[1], next: parts[2].isEmpty ? nil : parts[2])
        case ("Reserved", 2): return .reserved(parts[0], by: parts[1])
        default: throw UnreadableEvent(stored: stored)
        }
    }
}

struct UnreadableEvent: Error {
    var stored: StoredEvent
}

/// The first version had no due day: all books were due on day 29.
struct DueDayUpcaster: Upcaster {
    var type: EventType { LendingFormat.borrowed }
    var fromSchemaVersion: UInt32 { 1 }

    func upcast(_ payload: [UInt8]) -> [UInt8] { payload + Array("|29".utf8) }
}
