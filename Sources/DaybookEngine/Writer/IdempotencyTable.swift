import DaybookCore

/// Which idempotency keys have caused which batch.
///
/// A key is scoped to actor and command. The table holds 128 bits of the scope's hash and the
/// position of the batch's first event; the fingerprint and the result are read from that batch, in
/// which the key itself is stored, so key and effect cannot be parted. Keys are kept for ever.
struct IdempotencyTable: Sendable {
    private var positions = IdentifierMap<UInt64>(filler: 0)

    var count: Int { positions.count }

    /// The first event of the batch that the key caused.
    func position(of scope: IdempotencyScope) -> LogPosition? {
        positions[scope.hash].map(LogPosition.init(rawValue:))
    }

    mutating func record(_ scope: IdempotencyScope, at position: LogPosition) {
        positions.set(position.rawValue, for: scope.hash)
    }
}

/// What makes two keys the same: the actor, the command and the key.
struct IdempotencyScope: Hashable, Sendable {
    let digest: Digest

    init(actor: Actor, command: String, key: String) {
        var writer = WireWriter(capacity: 128)
        if !Mutant.keySharedByActors.isPlanted { writer.field(1, text: actor.description) }
        if !Mutant.keySharedByCommands.isPlanted { writer.field(2, text: command) }
        writer.field(3, text: key)
        digest = writer.withUnsafeBytes { HashFunction.sha256.digest($0) }
    }

    /// The scope of a batch that carries a key.
    init?(_ metadata: BatchMetadata) {
        guard let key = metadata.idempotencyKey else { return nil }
        self.init(actor: metadata.actor, command: metadata.command, key: key)
    }

    var hash: UInt128 {
        digest.withUnsafeBytes { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) }
    }
}

extension IdempotencyTable: Equatable {
    /// - Complexity: O(*n*); for tests.
    static func == (left: IdempotencyTable, right: IdempotencyTable) -> Bool {
        guard left.count == right.count else { return false }
        var isEqual = true
        left.positions.forEach { hash, position in
            isEqual = isEqual && right.positions[hash] == position
        }
        return isEqual
    }
}

// MARK: - Snapshot

extension IdempotencyTable {
    /// The entries as they lie in memory: equal tables may give different bytes.
    func encodeImage(into writer: inout WireWriter) {
        positions.encodeImage(field: 2, into: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            guard tag.field == 2 else {
                try reader.skip(tag)
                continue
            }
            try positions.addImage(try reader.delimited(tag), field: 2)
        }
    }
}
