import DaybookCore
import DaybookLog

/// The keys of a log from its beginning up to a position, on disk: runs one behind the other, each at least
/// four times as long as the next, so that a million of keys has five of them at most.
struct KeyRuns: Sendable {
    /// The oldest first.
    private(set) var runs: [KeyRun] = []

    private static let ratio: UInt64 = 4

    /// Every key of a batch up to here is in a run.
    var through: LogPosition { runs.last?.identity.through ?? .start }

    var identities: [KeyRunIdentity] { runs.map(\.identity) }

    init() {}

    /// Opens the runs that a snapshot names.
    ///
    /// - Throws: when one is missing or damaged: then the snapshot cannot be used.
    init(opening identities: [KeyRunIdentity], in storage: (any Storage)?) throws(WireError) {
        for identity in identities {
            guard identity.after == through, let storage,
                let run = try? KeyRun.open(identity, in: storage)
            else { throw .badValue(field: 8) }
            runs.append(run)
        }
    }

    /// The position of a key's first event; `nil` when it is in none of them.
    func position(of hash: UInt128) throws(KeyRunDefect) -> UInt64? {
        for run in runs.reversed() {
            if let position = try run.position(of: hash) { return position }
        }
        return nil
    }

    /// The runs once more keys are put away, in a new run into which the shortest are merged; those lose
    /// nothing by it, and no key is written more than a few times in its life.
    ///
    /// - Parameters:
    ///   - entries: all keys of batches behind ``through``, ascending; not empty.
    ///   - position: up to where they go.
    ///   - limit: runs of so many keys stay as they are; ``merged(of:in:)`` is for those.
    func adding(
        _ entries: [KeyEntry], through position: LogPosition, of logID: LogID,
        in storage: any Storage, mergingBelow limit: UInt64 = .max
    ) throws(KeyRunFailure) -> KeyRuns {
        var tally = KeyTally()
        for entry in entries { tally.add(entry) }
        let first = firstToMerge(before: runs.count, &tally, below: limit)
        return try replacing(
            from: first, with: entries, tally, through: position, of: logID, storage)
    }

    /// The runs once those are merged that are too short for what lies behind them; `nil` when none is.
    ///
    /// - Complexity: O(*n*) in the keys of those runs: seconds for tens of millions.
    func merged(of logID: LogID, in storage: any Storage) throws(KeyRunFailure) -> KeyRuns? {
        let counts = runs.map(\.identity.tally.count)
        let short = counts.indices.dropLast().first {
            counts[$0] < KeyRuns.ratio * counts[$0 + 1]
        }
        guard let short else { return nil }
        var tally = runs[short...].reduce(KeyTally()) { $0 + $1.identity.tally }
        let first = firstToMerge(before: short, &tally, below: .max)
        return try replacing(from: first, with: [], tally, through: through, of: logID, storage)
    }

    /// From which run on all are merged into one of so many keys, whose own are added to them.
    private func firstToMerge(before end: Int, _ tally: inout KeyTally, below limit: UInt64) -> Int
    {
        var first = end
        while first > 0 {
            let last = runs[first - 1].identity.tally
            guard last.count < KeyRuns.ratio * tally.count, last.count < limit else { break }
            tally = tally + last
            first -= 1
        }
        return first
    }

    /// One run in place of those from `first` on, with more keys.
    private func replacing(
        from first: Int, with entries: [KeyEntry], _ tally: KeyTally,
        through position: LogPosition, of logID: LogID, _ storage: any Storage
    ) throws(KeyRunFailure) -> KeyRuns {
        var result = KeyRuns()
        result.runs = Array(runs[..<first])
        let identity = KeyRunIdentity(
            logID: logID, after: result.through, through: position, tally: tally)
        do throws(KeyRunFailure) {
            result.runs.append(
                try KeyRuns.write(identity, entries, Array(runs[first...]), in: storage))
        } catch {
            KeyRunWriter.clear(in: storage)
            throw error
        }
        return result
    }

    private static func write(
        _ identity: KeyRunIdentity, _ entries: [KeyEntry], _ merged: [KeyRun],
        in storage: any Storage
    ) throws(KeyRunFailure) -> KeyRun {
        var sources = merged.map { Source(cursor: KeyRun.Cursor($0)) }
        do {
            for index in sources.indices { try sources[index].advance() }
            var writer = try KeyRunWriter(identity, in: storage)
            var next = 0
            while true {
                var least = next < entries.count ? entries[next] : nil
                var source: Int?
                for index in sources.indices {
                    guard let head = sources[index].head else { continue }
                    if least.map({ head.hash < $0.hash }) ?? true {
                        least = head
                        source = index
                    }
                }
                guard let least else { break }
                try writer.append(least)
                if let source { try sources[source].advance() } else { next += 1 }
            }
            return try writer.finish()
        } catch let error as KeyRunDefect {
            throw .damaged(error)
        } catch let error as EventLogError {
            throw .unwritten(error)
        } catch {
            preconditionFailure("KeyRuns: an error of another type: \(error)")
        }
    }

    /// A run that is being merged.
    private struct Source {
        var cursor: KeyRun.Cursor
        var head: KeyEntry?

        mutating func advance() throws(KeyRunDefect) { head = try cursor.pop() }
    }

    /// Forgets the runs from one on.
    ///
    /// - Returns: behind which position keys are missing now, and up to where.
    mutating func drop(from after: LogPosition) -> (after: LogPosition, through: LogPosition)? {
        guard let index = runs.firstIndex(where: { $0.identity.after == after }) else { return nil }
        defer { runs.removeSubrange(index...) }
        return (after, through)
    }
}
