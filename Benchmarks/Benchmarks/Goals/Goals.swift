import Benchmark

/// One benchmark for each goal of speed, at sizes that take seconds; `run.py` measures the goals
/// themselves. Public interfaces only; what nothing public does runs as a process of `daybook`.
let benchmarks: @Sendable () -> Void = {
    writingBenchmarks()
    readingBenchmarks()
    processBenchmarks()
}

enum Metric {
    static let ordersPerSecond = larger("orders/s")
    static let eventsPerSecond = larger("events/s")
    static let logBytes = smaller("log bytes an order")
    static let readModelBytes = smaller("read-model bytes an order")
    static let residentBytes = smaller("resident bytes an order")
    static let slowdown = smaller("% of the time an order at a quarter of the size")

    private static func larger(_ name: String) -> BenchmarkMetric {
        .custom(name, polarity: .prefersLarger, useScalingFactor: false)
    }

    private static func smaller(_ name: String) -> BenchmarkMetric {
        .custom(name, polarity: .prefersSmaller, useScalingFactor: false)
    }
}

/// Few iterations of long work.
func configuration(_ metrics: BenchmarkMetric..., iterations: Int = 3) -> Benchmark.Configuration {
    .init(
        metrics: [.wallClock, .throughput] + metrics, warmupIterations: 0,
        maxDuration: .seconds(20), maxIterations: iterations)
}
