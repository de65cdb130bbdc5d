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
        digest = writer.withUnsafeBytes { HashFunction.sha256.digest([$0]) }
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
    /// Entries in ascending order of their hashes, so that equal tables give equal bytes.
    func encode(into writer: inout WireWriter) {
        var entries: [(hash: UInt128, position: UInt64)] = []
        entries.reserveCapacity(positions.count)
        positions.forEach { entries.append(($0, $1)) }
        for (hash, position) in entries.sorted(by: { $0.hash < $1.hash }) {
            writer.field(1) { entry in
                entry.field(1, identifier: hash)
                entry.field(2, varint: position)
            }
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            guard tag.field == 1 else {
                try reader.skip(tag)
                continue
            }
            var entry = try reader.message(tag)
            var hash: UInt128?
            var position: UInt64 = 0
            while let tag = try entry.nextTag() {
                switch tag.field {
                case 1: hash = try entry.identifier(tag)
                case 2: position = try entry.varint(tag)
                default: try entry.skip(tag)
                }
            }
            guard let hash else { throw .missing(field: 1) }
            positions.set(position, for: hash)
        }
    }
}
