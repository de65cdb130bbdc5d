public import ArgumentParser
import Foundation
public import Workload

/// What every run has in common.
struct RunOptions: ParsableArguments {
    @Option(help: "How many orders to place.")
    var orders = 100_000

    @Option(help: "The seed of the orders.")
    var seed: UInt64 = 1

    @Option(help: "How alike the products are: uniform or skewed.")
    var popularity = Popularity.uniform

    @Option(help: "A new directory for the store; it is kept (default: a temporary one here).")
    var directory: String?

    @Option(help: "Writes the figures to this file, too.")
    var json: String?

    mutating func validate() throws {
        guard orders > 0 else { throw ValidationError("--orders must be at least 1") }
        try checkFolder(ofFile: json)
    }

    var stream: OrderStream { OrderStream(seed: seed, popularity: popularity) }

    /// Runs with a directory of its own and removes it afterwards unless it was named.
    func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        try await withTemporaryDirectory(directory, body)
    }
}

/// Figures that cannot be kept are noticed before the run, not behind it.
func checkFolder(ofFile path: String?) throws {
    guard let path else { return }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
        throw ValidationError("--json: nothing can be written in \(folder)")
    }
}

/// Runs with the directory that was named, or with one in the working directory that is removed.
func withTemporaryDirectory<Result>(
    _ named: String?, _ body: (String) async throws -> Result
) async throws -> Result {
    if let named { return try await body(named) }
    let path =
        FileManager.default.currentDirectoryPath
        + "/daybook-workload-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

extension Popularity: ExpressibleByArgument {}
