import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import Foundation
import Testing

@testable import daybook

@Suite struct `Import into a store` {
    /// Stops an import at one of the moments between two calls of the daybook.
    private final class Interrupted: ImportTarget {
        struct Stop: Error {}

        let target: DaybookImportTarget
        var callsLeft: Int

        init(_ target: DaybookImportTarget, callsLeft: Int) {
            self.target = target
            self.callsLeft = callsLeft
        }

        private func step() throws {
            guard callsLeft > 0 else { throw Stop() }
            callsLeft -= 1
        }

        func record(_ requests: [ImportRequest]) async throws -> [ImportOutcome] {
            try step()
            // Half of them are recorded, and then the program is gone.
            guard callsLeft > 0 else {
                _ = try await target.record(Array(requests.prefix(requests.count / 2)))
                throw Stop()
            }
            return try await target.record(requests)
        }

        func hurryReadModels() { target.hurryReadModels() }

        func runReactors() async throws {
            try step()
            try await target.runReactors()
        }

        func verificationToken(for user: UserID) async throws -> String? {
            try await target.verificationToken(for: user)
        }

        func user(withEmail email: String) async throws -> UserID? {
            try await target.user(withEmail: email)
        }

        func isStocked(sku: String) async throws -> Bool? { try await target.isStocked(sku: sku) }

        func availableUnits(sku: String) async throws -> Int64 {
            try await target.availableUnits(sku: sku)
        }

        func recorded(of history: OrderHistory) async throws -> RecordedImports {
            try await target.recorded(of: history)
        }

        func count(_ scope: ImportScope) async throws -> ImportCount {
            try await target.count(scope)
        }
    }

    /// Opens the store, imports the sample, closes the store.
    ///
    /// - Parameter rowCount: rows of the sample to import; `nil`: all.
    private func importSample(
        into scratch: Scratch, callsLeft: Int = .max, rowCount: Int? = nil
    ) async throws -> ImportReport {
        var configuration = DaybookConfiguration(directory: scratch.path + "/store")
        configuration.reactors = .manual
        let daybook = try await Daybook.open(configuration)
        var source = try Sample.source()
        if let rowCount {
            let text = try String(contentsOfFile: Sample.path, encoding: .utf8)
            let lines = text.split(separator: "\n").prefix(1 + rowCount)
            let path = scratch.path + "/cut.csv"
            try (lines.joined(separator: "\n") + "\n")
                .write(toFile: path, atomically: true, encoding: .utf8)
            source = try ImportSource(path: path, copyIn: scratch.path)
        }
        let history = try Sample.history(source)
        let target = Interrupted(
            DaybookImportTarget(daybook: daybook, openLog: { try Self.openLog(of: scratch) }),
            callsLeft: callsLeft)
        let file = try RejectFile(path: scratch.path + "/rejects.csv")
        var importer = OrderHistoryImporter(
            history, forecast: ImportForecast(history), currency: Currency(rawValue: "GBP")!,
            into: target,
            marker: try ImportMarker(
                directory: configuration.directory + "/import", contentName: history.contentName),
            rejects: RejectCollector(history, source: source, file: file))
        do {
            let report = try await importer.run()
            try await daybook.close()
            return report
        } catch {
            try await daybook.close()
            throw error
        }
    }

    private static func openLog(of scratch: Scratch) throws -> LogReader {
        let layout = StoreDirectory(path: scratch.path + "/store")
        return try LogReader.openReadOnly(
            storage: try FileStorage(path: layout.log, readOnly: true), hash: .sha256)
    }

    /// Position, type and tags of every event, with the time of its batch.
    private func log(of scratch: Scratch) throws -> [String] {
        var lines: [String] = []
        try Self.openLog(of: scratch).forEachBatch(from: .start, through: nil) { view in
            let batch = try view.recorded()
            for event in batch.events {
                // Digests of addresses hang on the store's own key.
                let tags = event.tags.map(\.description).filter { !$0.hasPrefix("email:") }
                lines.append(
                    "\(event.position) \(batch.metadata.recordedAt) \(batch.metadata.actor) "
                        + "\(event.type) \(tags.joined(separator: " "))")
            }
            return true
        }
        return lines
    }

    private func newStore() throws -> Scratch {
        let scratch = try Scratch()
        try Daybook.create(DaybookConfiguration(directory: scratch.path + "/store"))
        return scratch
    }

    @Test func `given a log, when counted in two parts that share a batch, then it counts once`()
        async throws
    {
        let scratch = try newStore()
        _ = try await importSample(into: scratch)
        let log = try Self.openLog(of: scratch)
        var scope = ImportScope(
            invoiceKeys: [], productKeys: [], userKeys: [], stockKeys: [], goods: [])
        var longest = 0...0 as ClosedRange<UInt64>
        try log.forEachBatch(from: .start, through: nil) { batch in
            let metadata = try batch.metadata()
            guard metadata.actor == .import, let key = metadata.idempotencyKey else { return true }
            scope.invoiceKeys.insert(key)
            let positions = batch.firstPosition.rawValue...batch.lastPosition.rawValue
            if positions.count > longest.count { longest = positions }
            return true
        }
        #expect(longest.count > 2)
        let head = log.head.position
        let whole = try DaybookImportTarget.count(scope, in: log, behind: .start, through: head)
        #expect(whole.orders > 0)
        for middle in (longest.lowerBound - 1)...longest.upperBound {
            let middle = LogPosition(rawValue: middle)
            var count = try DaybookImportTarget.count(
                scope, in: log, behind: .start, through: middle)
            count.add(
                try DaybookImportTarget.count(scope, in: log, behind: middle, through: head))
            #expect(count.orders == whole.orders, "middle \(middle)")
            #expect(count.orderLines == whole.orderLines)
            #expect(count.refundedPence == whole.refundedPence)
        }
    }

    @Test func `given the sample, when imported twice, then the second run records nothing`()
        async throws
    {
        let scratch = try newStore()
        let first = try await importSample(into: scratch)
        #expect(first.figures == Sample.figures)
        #expect(first.findings == [])
        #expect(first.repeatedRequests == 0)
        let log = try log(of: scratch)
        let rejects = try scratch.text("rejects.csv")
        let second = try await importSample(into: scratch)
        #expect(second.figures == Sample.figures)
        #expect(second.findings == [])
        #expect(try self.log(of: scratch) == log)
        #expect(try scratch.text("rejects.csv") == rejects)
    }

    @Test func `given an import that ends anywhere, when resumed, then the log is that of one run`()
        async throws
    {
        let whole = try newStore()
        _ = try await importSample(into: whole)
        let expected = try log(of: whole)
        for calls in 1...24 {
            let scratch = try newStore()
            do {
                _ = try await importSample(into: scratch, callsLeft: calls)
                break
            } catch is Interrupted.Stop {
                let report = try await importSample(into: scratch)
                #expect(report.figures == Sample.figures, "stopped at call \(calls)")
                let difference = zip(try log(of: scratch), expected).first { $0 != $1 }
                #expect(difference == nil, "stopped at call \(calls)")
                #expect(try log(of: scratch).count == expected.count, "stopped at call \(calls)")
            }
        }
    }

    @Test func `given the sample, when its first rows are imported, then no stock is received`()
        async throws
    {
        let scratch = try newStore()
        _ = try await importSample(into: scratch)
        let events = try log(of: scratch)
        let report = try await importSample(into: scratch, rowCount: 49)
        #expect(report.figures.openingUnits == 0)
        #expect(try log(of: scratch) == events)
    }

    @Test func `given the first rows, when the sample is imported, then the same stock is left`()
        async throws
    {
        let scratch = try newStore()
        let first = try await importSample(into: scratch, rowCount: 292)
        let second = try await importSample(into: scratch)
        #expect(second.figures.isBalanced)
        #expect(
            first.figures.openingUnits + second.figures.openingUnits
                == Sample.figures.openingUnits)
        #expect(second.figures.finalUnits == Sample.figures.finalUnits)
    }
}
