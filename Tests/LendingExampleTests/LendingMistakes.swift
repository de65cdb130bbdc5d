import DaybookCore
import DaybookTestKit

/// A desk that answers by key.
struct LendingDesk {
    var library = Library()
    var remembers: Bool
    private var answers: [String: String] = [:]

    init(remembers: Bool) {
        self.remembers = remembers
    }

    mutating func send(_ command: LendingCommand, key: String) -> String {
        if remembers, let answer = answers[key] { return answer }
        var desk = Desk()
        var answer: String
        do throws(LendingRejection) {
            let events = try Lending<ThreeLoans>.decide(command, given: library, in: &desk)
            for event in events { Lending<ThreeLoans>.evolve(&library, with: event) }
            answer = "\(events)"
        } catch {
            answer = "\(error)"
        }
        answers[key] = answer
        return answer
    }
}

/// Ignores what it has taken before.
struct ForgetfulRows: RowProjector {
    private var rows = LentBooks()
    private var position: UInt64 = 0

    mutating func project(_ run: [Delivery<LendingEvent>]) {
        for delivery in run {
            position += 1
            rows.project([Delivery(delivery.fact, at: LogPosition(rawValue: position))])
        }
    }

    func tables() -> [RowTable] { rows.tables() }
}

/// Counts the runs instead of the events.
struct FirstOfRunRows: RowProjector {
    private var runs = 0

    mutating func project(_ run: [Delivery<LendingEvent>]) {
        if !run.isEmpty { runs += 1 }
    }

    func tables() -> [RowTable] { [RowTable(columns: ["runs"], rows: [[String(runs)]])] }
}

/// Lifts to the day before.
struct OneDayOff: Upcaster {
    var type: EventType { LendingFormat.borrowed }
    var fromSchemaVersion: UInt32 { 1 }

    func upcast(_ payload: [UInt8]) -> [UInt8] { payload + Array("|28".utf8) }
}

/// A state as text, for snapshots: its facts, as they would have to be to lead there.
enum SnapshotText {
    static func write(_ library: Library) -> [UInt8] {
        var lines = library.copies.keys.sorted().map { "copies|\($0)|\(library.copies[$0] ?? 0)" }
        lines += library.loans.map { "loan|\($0.book)|\($0.reader)|\($0.dueDay)" }
        for book in library.waiting.keys.sorted() {
            lines += library.waiting[book, default: []].map { "waits|\(book)|\($0)" }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    static func read(_ bytes: [UInt8]) throws -> Library {
        var library = Library()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "|").map(String.init)
            switch parts[0] {
            case "copies": library.copies[parts[1]] = Int(parts[2])
            case "loan":
                library.loans.append(
                    Loan(book: parts[1], reader: parts[2], dueDay: Int(parts[3]) ?? 0))
            default: library.waiting[parts[1], default: []].append(parts[2])
            }
        }
        return library
    }
}
