/// Durations, and what a share of them stayed below.
public struct Durations: Sendable {
    private var nanoseconds: [UInt64] = []

    public init() {}

    public mutating func add(_ duration: Duration) {
        let parts = duration.components
        nanoseconds.append(
            UInt64(clamping: parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000))
    }

    public mutating func add(_ other: Durations) {
        nanoseconds += other.nanoseconds
    }

    public var count: Int { nanoseconds.count }

    /// Microseconds that `share` of the durations did not exceed; 0 for none.
    public func microseconds(at share: Double) -> Double {
        guard !nanoseconds.isEmpty else { return 0 }
        let sorted = nanoseconds.sorted()
        let index = min(sorted.count - 1, Int(Double(sorted.count) * share))
        return Double(sorted[index]) / 1_000
    }
}

extension Duration {
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
