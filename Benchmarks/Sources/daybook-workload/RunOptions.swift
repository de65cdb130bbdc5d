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
    }

    var stream: OrderStream { OrderStream(seed: seed, popularity: popularity) }

    /// Runs with a directory of its own and removes it afterwards unless it was named.
    func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        if let directory { return try await body(directory) }
        let path =
            FileManager.default.currentDirectoryPath
            + "/daybook-workload-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }
}

extension Popularity: ExpressibleByArgument {}
