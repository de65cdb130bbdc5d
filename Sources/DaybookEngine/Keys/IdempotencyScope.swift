import DaybookCore

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
