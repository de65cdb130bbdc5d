import Foundation

@testable import daybook

/// The sample that ships with the program.
enum Sample {
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/daybook/Resources/sample-orders.csv").path

    static func source() throws -> ImportSource {
        try ImportSource(path: path, copyIn: NSTemporaryDirectory())
    }

    static func history(_ source: ImportSource) throws -> OrderHistory {
        try OrderHistoryReader.read(source: { try source.read(into: $0) })
    }

    /// By the independent reference in Python.
    static let figures = ImportFigures(
        rows: 295, orders: 30, orderLines: 283, units: 2_729, netPence: 572_356, returnLines: 7,
        returnedUnits: 110, refundedPence: 25_445, adjustments: 3, adjustedUnits: 6, rejects: 2,
        users: 22, products: 223, openingUnits: 2_773, finalUnits: 165)
}

/// A directory of its own, gone when the test is over.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "daybook-import-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }
}
