import Foundation
import Testing

@testable import daybook

@Suite struct `Shared order history` {
    /// Beside the checkout.
    private static let packed = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("shared/data/online-retail-2010-12-to-2011-06.csv.xz").path

    /// Streams the file through `xz -dc`.
    private static func read() throws -> OrderHistory {
        let unpacker = Process()
        let pipe = Pipe()
        unpacker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        unpacker.arguments = ["xz", "-dc", packed]
        unpacker.standardOutput = pipe
        try unpacker.run()
        let file = pipe.fileHandleForReading
        let history = try OrderHistoryReader.read(source: { buffer in
            let data = file.readData(ofLength: buffer.count)
            buffer.copyBytes(from: data)
            return data.count
        })
        unpacker.waitUntilExit()
        try #require(unpacker.terminationStatus == 0)
        return history
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: packed)))
    func `given the whole file, when planned, then the figures are those counted independently`()
        throws
    {
        let history = try Self.read()
        let forecast = ImportForecast(history)
        #expect(
            forecast.figures
                == ImportFigures(
                    rows: 245_903, orders: 9_661, orderLines: 239_943, units: 2_502_078,
                    netPence: 482_646_649, returnLines: 3_425, returnedUnits: 110_849,
                    refundedPence: 24_382_677, adjustments: 1_456, adjustedUnits: -81_686,
                    rejects: 1_079, users: 3_003, products: 3_651, openingUnits: 2_566_797,
                    finalUnits: 96_485))
        #expect(forecast.figures.isBalanced)
        #expect(history.malformedRows.isEmpty)
        #expect(history.invoices.count == 12_796)
        #expect(history.products.count { $0.name == nil } == 106)
        #expect(history.products.count { $0.isStocked } == 3_625)
        #expect(forecast.openingUnits.count { $0 > 0 } == 3_581)
        #expect(forecast.openingUnits.max() == 74_215)

        var reasons: [RejectReason: Int] = [:]
        for reject in history.plans().flatMap(\.rejects) { reasons[reject.reason, default: 0] += 1 }
        #expect(
            reasons == [
                .nothingBought: 972, .notEnoughUnits: 97, .adjustmentWithoutStock: 9,
                .fractionOfAPenny: 1,
            ])
    }
}
