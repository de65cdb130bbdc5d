import Glibc

/// A small, well-spread generator (SplitMix64): the same seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in `n` times.
    mutating func one(in n: Int) -> Bool { int(1...n) == 1 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[int(0...elements.count - 1)]
    }
}

enum Seed {
    /// From `DAYBOOK_SEED`, else fixed, so that a failure can be repeated.
    static let base: UInt64 =
        getenv("DAYBOOK_SEED").flatMap { UInt64(String(cString: $0)) } ?? 2_026

    /// The seeds of a property's runs; each failure names its own.
    static func runs(_ count: Int) -> [UInt64] { (0..<UInt64(count)).map { base &+ $0 } }
}
