import Benchmark

let benchmarks: @Sendable () -> Void = {
    Benchmark("00 nothing") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(1) }
    }
}
