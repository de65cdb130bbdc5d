import DaybookCore
import DaybookDecisions
import DaybookProjections

/// A log made by hand: batches with positions, times, and a chain of made-up hashes.
struct History {
    static let logID = LogID(rawValue: 0xD0)
    /// 2026-01-01T00:00:00Z.
    static let dawn = Instant(microseconds: 1_767_225_600_000_000)

    private(set) var batches: [FactBatch] = []
    private(set) var position: UInt64 = 0
    /// The time of the next batch.
    var now = History.dawn

    /// Appends one batch and moves the clock by a second.
    mutating func record(_ events: [Event], advancing seconds: Int64 = 1) {
        let facts = events.map { event in
            position += 1
            return Fact(
                position: LogPosition(rawValue: position), recordedAt: now, event: event)
        }
        batches.append(
            FactBatch(
                number: UInt64(batches.count) + 1,
                metadata: BatchMetadata(recordedAt: now, actor: .system, command: "Test"),
                facts: facts))
        now = now.advanced(bySeconds: seconds)
    }

    mutating func record(_ events: Event..., advancing seconds: Int64 = 1) {
        record(events, advancing: seconds)
    }

    /// The checkpoint behind the first `count` batches.
    func checkpoint(afterBatches count: Int, chainSalt: UInt8 = 0) -> Checkpoint {
        guard count > 0 else { return .start(of: History.logID) }
        let batch = batches[count - 1]
        let last = batch.lastPosition
        return Checkpoint(
            logID: History.logID, position: last, batchNumber: batch.number,
            chain: History.chain(at: last, salt: chainSalt))
    }

    var end: Checkpoint { checkpoint(afterBatches: batches.count) }

    static func chain(at position: LogPosition, salt: UInt8 = 0) -> Digest {
        let half = RowHash(of: Array("\(position) \(salt)".utf8)).bytes
        return Digest(half + half) ?? .zero
    }

    /// The log that the history stands for.
    var log: LogIdentity {
        LogIdentity(logID: History.logID, head: LogPosition(rawValue: position)) {
            History.chain(at: $0)
        }
    }

    /// The same batches and positions, without some facts.
    func filterFacts(_ isKept: (Fact) -> Bool) -> History {
        var copy = self
        for batch in copy.batches.indices {
            copy.batches[batch].facts = copy.batches[batch].facts.filter(isKept)
        }
        return copy
    }

    mutating func announce(_ skip: OperatorSkip, inBatch index: Int) {
        batches[index].skips.append(skip)
    }

    init(_ batches: some Sequence<FactBatch>) {
        self.batches = Array(batches)
        position = self.batches.last?.lastPosition.rawValue ?? 0
    }

    init() {}

    /// The same history with other facts.
    func mapFacts(_ transform: (Fact) -> Fact) -> History {
        var copy = self
        for batch in copy.batches.indices {
            copy.batches[batch].facts = copy.batches[batch].facts.map(transform)
        }
        return copy
    }
}

extension ReadModelName {
    /// Projects a history into a new file, a run per `size` batches, and closes it.
    @discardableResult
    func project(
        _ history: History, into folder: TestFolder, runSize size: Int = .max
    ) throws -> String {
        let path = folder.file(fileName)
        let file = try ReadModelFile.create(self, at: path, logID: History.logID)
        let projector = try makeProjector(file: file)
        try projector.deliver(history, runSize: size)
        try projector.close()
        return path
    }

    /// The rows after a history, one table or several, as text.
    func rows(
        _ table: String, _ columns: String, after history: History
    ) throws -> String {
        let folder = TestFolder()
        let path = try project(history, into: folder)
        let file = try ReadModelFile.open(self, at: path)
        let text = try file.text(of: table, columns: columns)
        try file.close()
        return text
    }
}

extension Projector {
    func deliver(_ history: History, runSize size: Int = .max) throws {
        var first = 0
        while first < history.batches.count {
            let next = size >= history.batches.count - first ? history.batches.count : first + size
            try project(
                Array(history.batches[first..<next]),
                checkpoint: history.checkpoint(afterBatches: next))
            first = next
        }
    }
}

extension ReadModelFile {
    /// Chosen columns of a table, one line per row.
    func text(of table: String, columns: String) throws -> String {
        guard let definition = name.schema.table(named: table) else { return "no table \(table)" }
        var lines: [String] = []
        let names = columns.split(separator: " ").map(String.init)
        try exportRows(of: definition, columns: names, as: .table) { lines.append($0) }
        return lines.joined(separator: "\n")
    }

    /// Runs one statement behind the projector's back.
    func run(_ sql: String) throws {
        try withDatabase { try RowStatement($0, sql).run() }
    }

    /// Everything, as `daybook export` writes it.
    func everything() throws -> [String] {
        var lines: [String] = []
        try exportAll { lines.append($0) }
        return lines
    }
}
