internal import DaybookCore
internal import DaybookEngine
internal import DaybookLog

/// What was acknowledged, kept outside of the process that is killed, and how it is held against
/// the log.
struct Witness {
    struct Acknowledgement {
        var batch: KeyedBatch
        var positions: ClosedRange<LogPosition>
        /// The condition looked behind this position; `nil`: there was none.
        var after: LogPosition?
    }

    private(set) var acknowledged: [String: Acknowledgement] = [:]
    private(set) var conflictCount = 0
    /// Keys that stood in the log without an acknowledgement, at the last check.
    private(set) var survivors: [String] = []
    /// In the order in which they came; the newest are the ones worth sending again.
    private(set) var newest: [String] = []
    /// What contradicts the promises.
    private(set) var violations: [String] = []

    mutating func violation(_ text: String) { violations.append(text) }

    /// Takes in one line of a worker.
    mutating func take(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "a"? where words.count == 5:
            guard let batch = KeyedBatch(key: words[1]), let first = UInt64(words[2]),
                let last = UInt64(words[3]), first > 0, first <= last
            else { return violation("a line that cannot be: \(line)") }
            let after = UInt64(words[4]).map { LogPosition(rawValue: $0) }
            take(
                Acknowledgement(
                    batch: batch,
                    positions: LogPosition(rawValue: first)...LogPosition(rawValue: last),
                    after: after))
        case "c"?: conflictCount += 1
        case "f"?: violation("the worker was refused: \(line)")
        default: return
        }
    }

    mutating func take(_ new: Acknowledgement) {
        guard let old = acknowledged[new.batch.key] else {
            acknowledged[new.batch.key] = new
            newest.append(new.batch.key)
            return
        }
        guard old.positions != new.positions else { return }
        violation(
            "key \(new.batch.key) was acknowledged at \(old.positions), then at \(new.positions)")
    }
}

// MARK: - Holding it against the log

extension Witness {
    /// Every acknowledged batch is there, at its positions, with its content; every batch is whole,
    /// was sent, and is there once.
    mutating func check(_ reader: LogReader) throws {
        var found: [String: ClosedRange<LogPosition>] = [:]
        var lastOfTag: [Tag: LogPosition] = [:]
        var nextPosition: UInt64 = 1
        var nextNumber: UInt64 = 1
        var problems: [String] = []
        var unexpected: [String] = []
        try reader.forEachBatch(from: .start, through: nil) { view in
            let batch = try view.recorded()
            if batch.number != nextNumber || batch.firstPosition.rawValue != nextPosition {
                problems.append(
                    "batch \(batch.number) at \(batch.firstPosition) does not follow "
                        + "\(nextNumber - 1) at \(nextPosition - 1)")
            }
            nextNumber = batch.number + 1
            nextPosition = batch.lastPosition.rawValue + 1
            let key = batch.metadata.idempotencyKey ?? ""
            guard let sent = KeyedBatch(key: key), sent.isContent(of: batch) else {
                problems.append("batch \(batch.number) is not what was sent as '\(key)'")
                return true
            }
            let positions = batch.firstPosition...batch.lastPosition
            if let earlier = found.updateValue(positions, forKey: key) {
                problems.append("key \(key) is there twice: \(earlier) and \(positions)")
            }
            guard let acknowledgement = acknowledged[key] else {
                unexpected.append(key)
                lastOfTag[sent.tag] = positions.upperBound
                return true
            }
            if let after = acknowledgement.after, let last = lastOfTag[sent.tag], last > after {
                problems.append("\(key) was appended behind \(after), but \(last) matches")
            }
            lastOfTag[sent.tag] = positions.upperBound
            return true
        }
        for (key, acknowledgement) in acknowledged
        where found[key] != acknowledgement.positions {
            let place = found[key].map { "at \($0)" } ?? "missing"
            problems.append(
                "LOST: \(key) was acknowledged at \(acknowledgement.positions) and is \(place)")
        }
        survivors = unexpected
        violations += problems.sorted()
    }

    /// Checks every byte of the files.
    mutating func verify(_ storage: FileStorage) throws {
        let report = try LogVerifier.verify(storage: storage, hash: .sha256)
        if !report.isSound { violation("verify: \(report)") }
    }
}
