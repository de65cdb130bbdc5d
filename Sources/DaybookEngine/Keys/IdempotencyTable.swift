import DaybookCore
import DaybookDecisions
import DaybookLog

/// Which idempotency keys have caused which batch.
///
/// A key is scoped to actor and command. The table holds 128 bits of the scope's hash and the
/// position of the batch's first event; the fingerprint and the result are read from that batch, in
/// which the key itself is stored, so key and effect cannot be parted. Keys are kept for ever: those of
/// late in memory, all others in runs on disk, which a snapshot puts away and names.
struct IdempotencyTable: Sendable {
    private var recent = IdentifierMap<UInt64>(filler: 0)
    /// What a run is being made of, the oldest first: nothing is added to it.
    private var parted: [IdentifierMap<UInt64>] = []
    private(set) var runs = KeyRuns()
    /// Of all keys, wherever they are.
    private(set) var tally = KeyTally()
    private var keepsOnlyTally = false

    /// A table that answers no question, for whoever only holds two against each other: it takes no memory.
    static var ofTallyOnly: IdempotencyTable {
        var table = IdempotencyTable()
        table.keepsOnlyTally = true
        return table
    }

    /// The first event of the batch that the key caused.
    ///
    /// - Throws: when a run is damaged; see ``bringBack(from:reading:)``.
    /// - Complexity: O(1) and a cache line a run for a new key; one read of 4 KiB for an old one.
    func position(of scope: IdempotencyScope) throws(KeyRunDefect) -> LogPosition? {
        let hash = scope.hash
        if let position = recent[hash] { return LogPosition(rawValue: position) }
        for keys in parted.reversed() {
            if let position = keys[hash] { return LogPosition(rawValue: position) }
        }
        if PlantedBug.keyRunsNotSearched.isPlanted { return nil }
        return try runs.position(of: hash).map(LogPosition.init(rawValue:))
    }

    mutating func record(_ scope: IdempotencyScope, at position: LogPosition) {
        tally.add(KeyEntry(hash: scope.hash, position: position.rawValue))
        guard !keepsOnlyTally else { return }
        recent.set(position.rawValue, for: scope.hash)
    }
}

// MARK: - Putting away

/// What became of keys that were put away, for the table that they came from.
struct KeysPutAway: Sendable {
    /// The runs as they were before, and as they are now.
    var before: [KeyRunIdentity]
    var runs: KeyRuns
    /// So many of the oldest parts are in them.
    var partCount: Int

    /// The files that are new.
    var added: [String] {
        runs.identities.filter { !before.contains($0) }.map(\.fileName)
    }
}

/// What a table is told about its keys by whoever writes snapshots.
enum KeyNews: Sendable {
    case putAway(KeysPutAway)
    /// A run cannot be read: its keys must come back from the log.
    case damaged(KeyRunDefect)
}

extension IdempotencyTable {
    /// Sets apart what came since the last time, when it is as much as that: more may come while it is put
    /// away.
    mutating func part(atLeast count: Int) {
        guard recent.count >= max(count, 1) else { return }
        parted.append(recent)
        recent = IdentifierMap(filler: 0)
    }

    /// Writes what was parted into a run.
    ///
    /// - Parameters:
    ///   - position: up to where the table goes.
    ///   - limit: see ``KeyRuns/adding(_:through:of:in:mergingBelow:)``.
    /// - Returns: `nil` when there is nothing to write.
    func puttingAway(
        through position: LogPosition, of logID: LogID, in storage: any Storage,
        mergingBelow limit: UInt64 = .max
    ) throws(KeyRunFailure) -> KeysPutAway? {
        guard !parted.isEmpty else { return nil }
        var entries: [KeyEntry] = []
        for keys in parted {
            keys.forEach { entries.append(KeyEntry(hash: $0, position: $1)) }
        }
        entries.sort { $0.hash < $1.hash }
        return KeysPutAway(
            before: runs.identities,
            runs: try runs.adding(
                entries, through: position, of: logID, in: storage, mergingBelow: limit),
            partCount: parted.count)
    }

    /// Keys that are in runs now leave the memory; nothing happens when the runs are others by now.
    mutating func adopt(_ putAway: KeysPutAway) {
        guard putAway.before == runs.identities, putAway.partCount <= parted.count else { return }
        runs = putAway.runs
        parted.removeFirst(putAway.partCount)
    }

    /// Keys of a damaged run, and of those behind it, come back into memory from the log.
    ///
    /// - Complexity: O(*n*) in the batches that those runs are of.
    mutating func bringBack(from after: LogPosition, reading reader: LogReader) throws(DaybookError)
    {
        guard let missing = runs.drop(from: after) else { return }
        var keys = IdentifierMap<UInt64>(filler: 0)
        do {
            try reader.forEachBatch(
                from: missing.after.advanced(by: 1), through: missing.through
            ) { view in
                guard let scope = IdempotencyScope(try view.metadata()) else { return true }
                let batch = try FactBatch(view, reader.upcasters)
                guard let first = batch.facts.first else { return true }
                keys.set(first.position.rawValue, for: scope.hash)
                return true
            }
        } catch {
            throw DaybookError(reading: error)
        }
        parted.insert(keys, at: 0)
    }

    /// What the keys add up to, each of them looked at, on disk too.
    func measuredTally() throws(KeyRunDefect) -> KeyTally {
        var tally = KeyTally()
        for keys in parted + [recent] {
            keys.forEach { tally.add(KeyEntry(hash: $0, position: $1)) }
        }
        for run in runs.runs { tally = tally + (try run.measuredTally()) }
        return tally
    }
}

extension IdempotencyTable: Equatable {
    /// Whether both hold the same keys, wherever these are.
    static func == (left: IdempotencyTable, right: IdempotencyTable) -> Bool {
        left.tally == right.tally
    }
}

// MARK: - Snapshot

extension IdempotencyTable {
    /// What is not in runs, as it lies in memory: equal tables may give different bytes.
    ///
    /// ```
    /// protobuf: 2 images of the keys in memory, repeated, 3 count of all keys, 4 their sum
    /// ```
    func encodeImage(into writer: inout WireWriter) {
        for keys in parted + [recent] { keys.encodeImage(field: 2, into: &writer) }
        writer.field(3, varint: tally.count)
        writer.field(4, identifier: tally.sum)
    }

    init(from reader: inout WireReader, runs: KeyRuns) throws(WireError) {
        self.runs = runs
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 2: try recent.addImage(try reader.delimited(tag), field: 2)
            case 3: tally.count = try reader.varint(tag)
            case 4: tally.sum = try reader.identifier(tag)
            default: try reader.skip(tag)
            }
        }
    }
}

extension KeyRunIdentity {
    /// ```
    /// protobuf: 1 after, 2 through, 3 count, 4 sum
    /// ```
    func encode(into writer: inout WireWriter) {
        writer.field(1, varint: after.rawValue)
        writer.field(2, varint: through.rawValue)
        writer.field(3, varint: tally.count)
        writer.field(4, identifier: tally.sum)
    }

    init(from reader: inout WireReader, of logID: LogID) throws(WireError) {
        self.init(logID: logID, after: .start, through: .start, tally: KeyTally())
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: after = LogPosition(rawValue: try reader.varint(tag))
            case 2: through = LogPosition(rawValue: try reader.varint(tag))
            case 3: tally.count = try reader.varint(tag)
            case 4: tally.sum = try reader.identifier(tag)
            default: try reader.skip(tag)
            }
        }
        // A hash vouches for what is read here, but not for who wrote it: no file has 2^40 keys.
        guard after < through, tally.count > 0, tally.count < 1 << 40 else {
            throw .badValue(field: 8)
        }
    }
}
