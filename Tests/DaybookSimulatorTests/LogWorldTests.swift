import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookSimulator
import Foundation
import Testing

@Suite struct `Simulated logs` {
    private static let corpus =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Corpus"

    @Test func `given the recorded runs, when replayed, then every promise is kept`() throws {
        let files = try LogScenario.files(in: Self.corpus)
        #expect(files.count >= 5)
        for file in files {
            let failure = try LogScenario(file: file).replay()
            #expect(failure == nil, "daybook-simulate replay --trace \(file)")
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `given a seed, when run twice, then every promise is kept and both runs are the same`(
        seed: UInt64
    ) throws {
        let report = try LogSeed(small: seed).runTwice()
        #expect(report.steps > 0)
    }

    @Test(arguments: [0, 100, 300, 4_100, 4_200, 4_300, 8_000])
    func `given a log with one flipped bit anywhere, when the oracle reads it, then it notices`(
        byte: Int
    ) throws {
        let disk = SimulatedDisk()
        let clock = SimulatedClock()
        let log = try LogDirectory.create(
            storage: disk, options: LogWorldOptions().logOptions, hash: .sha256,
            clock: clock.read, newLogID: LogID(rawValue: 7), salt: .zero)
        let event = ProposedEvent(
            type: "Opened", tags: [], payload: Array(repeating: 7, count: 400))
        _ = try log.writer.stage(
            ProposedBatch(
                metadata: BatchMetadata(
                    recordedAt: clock.now, actor: .system, command: "Open"), events: [event]))
        _ = try log.committer.commit(#require(log.writer.closeGroup()))
        let sound = try NaiveLog(names: disk.fileNames, content: disk.bytes)
        #expect(sound.batches.count == 1)
        disk.damage(LogFileName.segment(1)) { $0[byte] ^= 1 }
        #expect(throws: NaiveDefect.self) {
            _ = try NaiveLog(names: disk.fileNames, content: disk.bytes)
        }
    }
}
