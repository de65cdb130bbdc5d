/// What the log's tests need of swift-crypto: SHA-256. Source: FIPS 180-4, section 6.2.
///
/// Lets them be compiled for a coverage run without the package and its C library.
public struct SHA256 {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]
    private var block: [UInt8] = []
    private var byteCount: UInt64 = 0

    public struct Digest: Sequence {
        fileprivate var bytes: [UInt8]

        public func makeIterator() -> IndexingIterator<[UInt8]> { bytes.makeIterator() }

        public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result)
            rethrows -> Result
        { try bytes.withUnsafeBytes(body) }
    }

    public init() {
        block.reserveCapacity(64)
    }

    public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
        byteCount += UInt64(bufferPointer.count)
        for byte in bufferPointer { take(byte) }
    }

    public func finalize() -> Digest {
        var copy = self
        copy.take(0x80)
        while copy.block.count != 56 { copy.take(0) }
        let bitCount = byteCount * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            copy.take(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
        }
        return Digest(
            bytes: copy.state.flatMap { word in
                [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
            })
    }

    private mutating func take(_ byte: UInt8) {
        block.append(byte)
        guard block.count == 64 else { return }
        compress()
        block.removeAll(keepingCapacity: true)
    }

    private mutating func compress() {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            for index in 0..<16 {
                words[index] = block[(index * 4)..<(index * 4 + 4)].reduce(0) {
                    $0 << 8 | UInt32($1)
                }
            }
            for index in 16..<64 {
                let (first, second) = (words[index - 15], words[index - 2])
                let sum0 = turned(first, 7) ^ turned(first, 18) ^ first >> 3
                let sum1 = turned(second, 17) ^ turned(second, 19) ^ second >> 10
                words[index] = words[index - 16] &+ sum0 &+ words[index - 7] &+ sum1
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for index in 0..<64 {
                let sum1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
                let one = h &+ sum1 &+ (e & f ^ ~e & g) &+ SHA256.constants[index] &+ words[index]
                let sum0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
                let two = sum0 &+ (a & b ^ a & c ^ b & c)
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ two)
            }
            for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
        }
    }

    private func turned(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { prime in
            // The root of prime * 2^96 in whole numbers is the root of prime times 2^32.
            var low: UInt64 = 0
            var high: UInt64 = 1 << 36
            let wanted = UInt128(prime) << 96
            while low + 1 < high {
                let middle = (low + high) / 2
                let cube = UInt128(middle) * UInt128(middle) * UInt128(middle)
                if cube <= wanted { low = middle } else { high = middle }
            }
            return UInt32(truncatingIfNeeded: low)
        }
    }()
}
