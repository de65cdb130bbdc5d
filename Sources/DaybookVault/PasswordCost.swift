/// What one scrypt hash costs.
///
/// Source: RFC 7914; OWASP Password Storage Cheat Sheet (N = 2^17, r = 8, p = 1: 128 MiB).
package struct PasswordCost: Hashable, Sendable {
    /// Base-2 logarithm of N: 1 ... 20, so that a damaged verifier cannot ask for all the memory.
    package let rounds: Int
    /// r: 1 ... 32.
    package let blockSize: Int
    /// p: 1 ... 16.
    package let parallelism: Int

    /// About 0.4 s and 128 MiB.
    package static let recommended = PasswordCost(checkedRounds: 17, 8, 1)
    /// For tests only: protects nothing.
    package static let lowest = PasswordCost(checkedRounds: 1, 1, 1)

    /// `nil` when a number is out of range.
    package init?(rounds: Int, blockSize: Int, parallelism: Int) {
        guard (1...20).contains(rounds), (1...32).contains(blockSize),
            (1...16).contains(parallelism)
        else { return nil }
        self.init(checkedRounds: rounds, blockSize, parallelism)
    }

    private init(checkedRounds rounds: Int, _ blockSize: Int, _ parallelism: Int) {
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }
}
