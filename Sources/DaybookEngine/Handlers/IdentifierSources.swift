import DaybookCore
import DaybookVault
import Synchronization

/// Identifiers of one command, from the system's or a seeded generator.
struct FreshIdentifiers: IdentifierSource {
    let now: Instant
    let entropy: EntropyPool

    func next() -> UInt128 {
        timeOrderedIdentifier(at: now, entropy: entropy.next())
    }
}

/// Entropy for identifiers, asked of its source in larger pieces where that is cheaper. No bits are
/// given out twice. Not for keys: those are asked of the source itself.
final class EntropyPool: Sendable {
    private let source: any EntropySource
    private let state = Mutex((bytes: [UInt8](), used: 0))

    init(_ source: any EntropySource) {
        self.source = source
    }

    func next() -> UInt128 {
        state.withLock { state in
            if state.used + 16 > state.bytes.count {
                state = (source.bytes(max(16, source.preferredByteCount)), 0)
            }
            defer { state.used += 16 }
            return state.bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: state.used, as: UInt128.self)
            }
        }
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
                HashFunction.sha256.digest(seed, count)
            }
        }
        let entropy = digest.withUnsafeBytes {
            UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))
        }
        return timeOrderedIdentifier(at: now, entropy: entropy)
    }
}
