import DaybookCore
import DaybookLog
import Synchronization

/// Logs with many segments and tags of every frequency, and random questions about them.
struct IndexedLogs {
    var generator: SeededGenerator
    static let types: [EventType] = ["A", "B", "C", "D"]

    init(_ test: String) {
        generator = SeededGenerator(seed: testSeed(test))
    }

    /// Some on every second event, some on one in hundreds.
    static func tag(_ number: Int) -> DaybookCore.Tag {
        number % 2 == 0
            ? Tag(label: "t", text: String(number))
            : Tag(label: "n", identifier: UInt128(number))
    }

    mutating func tags() -> [DaybookCore.Tag] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            // The smaller the number, the more frequent; a tag may come twice.
            let most = 1 << Int.random(in: 0...9, using: &generator)
            return IndexedLogs.tag(Int.random(in: 0..<most, using: &generator))
        }
    }

    /// Writes batches of 1 to 4 events, by default 1 to 3 batches a group.
    mutating func fill(
        _ log: OpenedLog, batches: Int, perGroup: ClosedRange<Int> = 1...3,
        payloadByteCounts: ClosedRange<Int>? = nil
    ) throws {
        var left = batches
        while left > 0 {
            for _ in 0..<min(left, Int.random(in: perGroup, using: &generator)) {
                let events = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                    ProposedEvent(
                        type: IndexedLogs.types.randomElement(using: &generator) ?? "A",
                        tags: tags(),
                        payload: payload(payloadByteCounts))
                }
                _ = try log.writer.stage(ProposedBatch(metadata: metadata(), events: events))
                left -= 1
            }
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        }
    }

    /// Half noise, half a letter that repeats; by default a word.
    private mutating func payload(_ byteCounts: ClosedRange<Int>?) -> [UInt8] {
        guard let byteCounts else { return Array("payload".utf8) }
        return (0..<Int.random(in: byteCounts, using: &generator)).map { index in
            index & 8 == 0 ? UInt8.random(in: .min ... .max, using: &generator) : 65
        }
    }

    mutating func query() -> Query {
        .any(
            (0...Int.random(in: 0...2, using: &generator)).map { _ in
                QueryItem(
                    types: (IndexedLogs.types + ["Never"]).filter { _ in
                        Int.random(in: 0...3, using: &generator) == 0
                    },
                    tags: Bool.random(using: &generator)
                        ? tags() : [IndexedLogs.tag(Int.random(in: 0..<600, using: &generator))])
            })
    }

    /// Asks random questions; what comes must be what a scan of all events says.
    ///
    /// - Returns: the first question whose answer differs.
    mutating func firstDifference(
        _ reader: LogReader, from all: [RecordedEvent], questions: Int
    ) throws -> String? {
        let end = UInt64(all.count)
        for _ in 0..<questions {
            let query = query()
            let from =
                Bool.random(using: &generator)
                ? nil : UInt64.random(in: 0...(end + 3), using: &generator)
            let through =
                Bool.random(using: &generator)
                ? nil : UInt64.random(in: 0...(end + 3), using: &generator)
            let limit =
                Bool.random(using: &generator) ? nil : Int.random(in: 0...20, using: &generator)
            let isForwards = Bool.random(using: &generator)
            var expected = all.filter {
                query.matches(type: $0.type, tags: $0.tags)
                    && $0.position.rawValue >= from ?? 0 && $0.position.rawValue <= through ?? .max
            }
            if !isForwards { expected.reverse() }
            if let limit { expected = Array(expected.prefix(limit)) }
            let found = try reader.read(
                query, from: from.map(position), through: through.map(position),
                direction: isForwards ? .forwards : .backwards, limit: limit)
            if found != expected {
                return "\(query) from \(String(describing: from)) through "
                    + "\(String(describing: through)) limit \(String(describing: limit)) "
                    + "forwards \(isForwards): \(found.map(\.position)), "
                    + "expected \(expected.map(\.position))"
            }
        }
        return nil
    }
}

/// Makes every index that is missing.
func indexAll(_ reader: LogReader) throws {
    while try reader.indexNextSegment() {}
}

/// Remembers what is read of which file.
final class CountingStorage: Storage {
    private let base: any Storage
    private let reads = Mutex<[(file: String, range: Range<UInt64>)]>([])

    init(_ base: any Storage) { self.base = base }

    /// What was read of segments since the last call.
    func takeReads(_ prefix: String) -> [(file: String, range: Range<UInt64>)] {
        reads.withLock { reads in
            defer { reads = [] }
            return reads.filter { $0.file.hasPrefix(prefix) }
        }
    }

    var isReadOnly: Bool { base.isReadOnly }
    func list() throws(EventLogError) -> [String] { try base.list() }
    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        CountingFile(try base.open(name, mode)) { range in
            self.reads.withLock { $0.append((name, range)) }
        }
    }
    func rename(_ old: String, to new: String) throws(EventLogError) {
        try base.rename(old, to: new)
    }
    func unlink(_ name: String) throws(EventLogError) { try base.unlink(name) }
    func createFolder(_ name: String) throws(EventLogError) { try base.createFolder(name) }
    func syncDirectory(folder: String?) throws(EventLogError) {
        try base.syncDirectory(folder: folder)
    }
    func lock() throws(EventLogError) -> any StorageLock { try base.lock() }
}

private final class CountingFile: StorageFile {
    private let base: any StorageFile
    private let onRead: @Sendable (Range<UInt64>) -> Void

    init(_ base: any StorageFile, _ onRead: @escaping @Sendable (Range<UInt64>) -> Void) {
        self.base = base
        self.onRead = onRead
    }

    var name: String { base.name }
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        let count = try base.read(into: bytes, at: offset)
        onRead(offset..<(offset + UInt64(count)))
        return count
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        try base.write(bytes, at: offset)
    }
    func sync() throws(EventLogError) { try base.sync() }
    func syncAll() throws(EventLogError) { try base.syncAll() }
    func truncate(to byteCount: UInt64) throws(EventLogError) { try base.truncate(to: byteCount) }
    func allocate(_ byteCount: UInt64) throws(EventLogError) { try base.allocate(byteCount) }
    func makeReadOnly() throws(EventLogError) { try base.makeReadOnly() }
    func byteCount() throws(EventLogError) -> UInt64 { try base.byteCount() }
    func close() { base.close() }
}
