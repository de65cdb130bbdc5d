import DaybookCore
import DaybookLog
import Foundation
import Testing

@testable import DaybookSimulator

/// What the parent of a killed process notices.
@Suite struct `Witness of a killed process` {
    private let directory = NSTemporaryDirectory() + "/daybook-witness-" + UUID().uuidString

    /// A log with three batches of five events, and the lines that acknowledge them.
    private func logOfThree() async throws -> (EventLog, [String]) {
        let log = try WorkerLog(directory: directory).open()
        var lines: [String] = []
        for key in ["w.0:1x20", "w.1:3x100", "w.2:1x700"] {
            let batch = try #require(KeyedBatch(key: key))
            let result = try await log.append(batch.proposed(at: WallClock.now()))
            guard case .appended(let positions) = result else { continue }
            lines.append("a \(key) \(positions.lowerBound) \(positions.upperBound) -")
        }
        return (log, lines)
    }

    private func violations(of lines: [String], _ log: EventLog) throws -> [String] {
        var witness = Witness()
        for line in lines { witness.take(line) }
        try witness.check(log.reader)
        return witness.violations
    }

    @Test
    func `given acknowledgements and a log, then every contradiction is told and nothing else is`()
        async throws
    {
        defer { removeTree(directory) }
        let (log, lines) = try await logOfThree()
        #expect(
            lines == ["a w.0:1x20 1 1 -", "a w.1:3x100 2 4 -", "a w.2:1x700 5 5 -"])
        #expect(try violations(of: lines, log) == [])
        // Not acknowledged, but whole: allowed.
        #expect(try violations(of: [lines[0]], log) == [])
        #expect(
            try violations(of: lines + ["a w.3:1x20 6 6 -"], log)
                == ["LOST: w.3:1x20 was acknowledged at 6...6 and is missing"])
        #expect(
            try violations(of: ["a w.1:3x100 1 3 -"], log)
                == ["LOST: w.1:3x100 was acknowledged at 1...3 and is at 2...4"])
        #expect(
            try violations(of: lines + ["a w.2:1x700 6 6 -"], log)
                == ["key w.2:1x700 was acknowledged at 5...5, then at 6...6"])
        // Its condition looked behind 3, but an event with its tag stands at 4.
        #expect(
            try violations(of: ["a w.2:1x700 5 5 3"], log)
                == ["w.2:1x700 was appended behind 3, but 4 matches"])
        #expect(try violations(of: ["f w.9:1x1 busy"], log).count == 1)
        try await log.close()
    }

    @Test
    func `given a batch whose bytes are not what its key says, then it is noticed`() async throws {
        defer { removeTree(directory) }
        let (log, lines) = try await logOfThree()
        var forged = try #require(KeyedBatch(key: "w.3:2x10")).proposed(at: WallClock.now())
        forged.events[1].payload[9] ^= 1
        _ = try await log.append(forged)
        #expect(
            try violations(of: lines, log) == ["batch 4 is not what was sent as 'w.3:2x10'"])
        try await log.close()
    }
}
