import Glibc

/// The seed of everything random in this run: `DAYBOOK_SEED`, or a fixed one; printed by who uses
/// it.
func testSeed(_ test: String) -> UInt64 {
    let seed = environment("DAYBOOK_SEED").flatMap { UInt64($0) } ?? 20_261_123
    print("\(test): DAYBOOK_SEED=\(seed)")
    return seed
}

/// Runs every case instead of a sample: `DAYBOOK_EXHAUSTIVE=1`.
var isExhaustive: Bool { environment("DAYBOOK_EXHAUSTIVE") == "1" }

private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
