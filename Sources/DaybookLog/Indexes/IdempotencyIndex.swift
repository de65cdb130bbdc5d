internal import DaybookCore

/// Which keys were used, by whom and for what: a repeated key gets the first result.
///
/// Built with one scan when the first key comes; kept in memory.
struct IdempotencyIndex {
    struct Key: Hashable {
        var actor: Actor
        var command: String
        var key: String

        /// `nil` when the caller gave no key.
        init?(_ metadata: BatchMetadata) {
            guard let key = metadata.idempotencyKey else { return nil }
            actor = metadata.actor
            command = metadata.command
            self.key = key
        }
    }

    private struct First {
        var positions: ClosedRange<LogPosition>
        var fingerprint: Digest?
    }

    private var firsts: [Key: First] = [:]

    init(reading reader: LogReader) throws(EventLogError) {
        var found: [Key: First] = [:]
        try reader.translatingDefects {
            try reader.forEachBatch(from: .start, through: nil) { batch in
                let metadata = try batch.metadata()
                if let key = Key(metadata), found[key] == nil {
                    found[key] = First(
                        positions: batch.firstPosition...batch.lastPosition,
                        fingerprint: metadata.fingerprint)
                }
                return true
            }
        }
        firsts = found
    }

    /// The first result of the same key; `nil` when the key is new.
    ///
    /// - Throws: `.idempotencyKeyReused` when both times a fingerprint was given and they differ.
    func result(of metadata: BatchMetadata) throws(EventLogError) -> ClosedRange<LogPosition>? {
        guard let key = Key(metadata), let first = firsts[key] else { return nil }
        if let old = first.fingerprint, let new = metadata.fingerprint, old != new {
            throw EventLogError(
                .idempotencyKeyReused,
                "the key '\(key.key)' was used for another request; take a new key",
                positions: first.positions)
        }
        return first.positions
    }

    mutating func record(_ metadata: BatchMetadata, at positions: ClosedRange<LogPosition>) {
        guard let key = Key(metadata) else { return }
        firsts[key] = First(positions: positions, fingerprint: metadata.fingerprint)
    }
}
