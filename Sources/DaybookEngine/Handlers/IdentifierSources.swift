import DaybookCore
import DaybookVault

/// Identifiers of one command, from the system's or a seeded generator.
struct FreshIdentifiers: IdentifierSource {
    let now: Instant
    let entropy: any EntropySource

    func next() -> UInt128 {
        let bits = entropy.bytes(16).withUnsafeBytes { $0.loadUnaligned(as: UInt128.self) }
        return timeOrderedIdentifier(at: now, entropy: bits)
    }
}

/// Identifiers of one command that follow from its idempotency key alone, so that an import that was
/// killed and runs again names everything as the undisturbed run would have.
struct DerivedIdentifiers: IdentifierSource {
    private let now: Instant
    private let seed: Digest
    private var count: UInt64 = 0

    init(scope: IdempotencyScope, at now: Instant) {
        self.now = now
        seed = scope.digest
    }

    mutating func next() -> UInt128 {
        count += 1
        let digest = seed.withUnsafeBytes { seed in
            withUnsafeBytes(of: count.littleEndian) { count in
                HashFunction.sha256.digest([seed, count])
            }
        }
        let entropy = digest.withUnsafeBytes {
            UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))
        }
        return timeOrderedIdentifier(at: now, entropy: entropy)
    }
}
