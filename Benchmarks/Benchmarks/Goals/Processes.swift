import Benchmark
import Foundation
import Workload

/// What no public interface does runs as a process; its start is part of the time.
func processBenchmarks() {
    Benchmark(
        "05 daybook verify, CRC and chain", configuration: configuration(),
        closure: { _, shop in try daybook("verify", "--stored", "--store", shop) },
        setup: { try await Shop.closed() }, teardown: Shop.remove)
    Benchmark(
        "06 daybook replay, every event folded and checked", configuration: configuration(),
        closure: { _, shop in try daybook("replay", "--state-only", "--store", shop) },
        setup: { try await Shop.closed() }, teardown: Shop.remove)
    Benchmark(
        "07 daybook projection rebuild", configuration: configuration(Metric.ordersPerSecond),
        closure: { benchmark, shop in
            let taken = try await seconds {
                try daybook("projection", "rebuild", "--all", "--store", shop)
            }
            benchmark.measurement(Metric.ordersPerSecond, Int(Double(Shop.orderCount) / taken))
            benchmark.stopMeasurement()
            try daybook("projection", "clean", "--all", "--store", shop)
        }, setup: { try await Shop.closed() }, teardown: Shop.remove)
    Benchmark(
        "09 a writer killed, the store opened again", configuration: configuration(iterations: 1),
        closure: { _, _ in
            try run(
                built("Benchmarks/.build/release/daybook-workload"),
                ["start", "--events", "50000", "--starts", "1", "--directory", Shop.directory])
        },
        setup: {
            try FileManager.default.createDirectory(
                atPath: Shop.folder, withIntermediateDirectories: true)
        }, teardown: Shop.remove)
    Benchmark(
        "15 daybook import of the sample", configuration: configuration(iterations: 1),
        closure: { _, shop in
            try daybook(
                "import", "orders", repository + "/Sources/daybook/Resources/sample-orders.csv",
                "--store", shop)
        },
        setup: {
            try FileManager.default.createDirectory(
                atPath: Shop.folder, withIntermediateDirectories: true)
            try daybook("init", "--store", Shop.directory)
            return Shop.directory
        }, teardown: Shop.remove)
}

private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

private func built(_ program: String) throws -> String {
    let path = repository + "/" + program
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw WorkloadStore.Failure("\(path) is not built: python3 Benchmarks/run.py builds it")
    }
    return path
}

private func daybook(_ arguments: String...) throws {
    try run(built(".build/release/daybook"), arguments)
}

/// Exit code 3 means findings, such as rejected rows: the work is done.
private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard [0, 3].contains(process.terminationStatus) else {
        throw WorkloadStore.Failure(
            "\(program) \(arguments.joined(separator: " ")) ended with "
                + "\(process.terminationStatus)")
    }
}
