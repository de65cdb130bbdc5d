import Crypto
import Glibc
import Synchronization

/// Where keys, nonces and salts come from; handed in, so that a simulation can be repeated.
package protocol EntropySource: Sendable {
    /// Bytes that nobody can predict, and that were never given out before.
    func bytes(_ count: Int) -> [UInt8]

    /// So many bytes cost about as much as one: worth asking for when more will be wanted soon.
    var preferredByteCount: Int { get }
}

extension EntropySource {
    package var preferredByteCount: Int { 1 }
}

/// The kernel's random numbers; the C library stops the process where there are none.
package struct SystemEntropy: EntropySource {
    /// One call of the kernel.
    package var preferredByteCount: Int { 4_096 }

    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            if let start = buffer.baseAddress { arc4random_buf(start, count) }
            initializedCount = count
        }
    }
}

/// Numbers that follow from a seed. For simulations and rehearsals: whoever knows the seed knows
/// every key that was made with it.
///
/// Block *n* is SHA-256 of a domain string, the seed and *n*, both big-endian.
package final class SeededEntropy: EntropySource {
    private let seed: UInt64
    private let state = Mutex(State())

    private struct State {
        var counter: UInt64 = 0
        var rest: [UInt8] = []
    }

    package init(seed: UInt64) {
        self.seed = seed
    }

    package func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            while state.rest.count < count {
                var hash = SHA256()
                hash.update(data: Array("daybook seeded entropy".utf8))
                withUnsafeBytes(of: seed.bigEndian) { hash.update(bufferPointer: $0) }
                withUnsafeBytes(of: state.counter.bigEndian) { hash.update(bufferPointer: $0) }
                state.rest.append(contentsOf: hash.finalize())
                state.counter += 1
            }
            let bytes = Array(state.rest.prefix(count))
            state.rest.removeFirst(count)
            return bytes
        }
    }
}
