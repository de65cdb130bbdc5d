import ArgumentParser
import DaybookLog
import DaybookSimulator
import Foundation

/// The process that `kill` kills.
struct KillWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill-worker", abstract: "The process that 'kill' kills.",
        shouldDisplay: false)

    @Argument var directory: String
    @Option var run = "w"
    @Option var durability = KillCommand.Durability.lazy
    @Option var segmentBytes = 64 << 10
    @Option(name: .customLong("repeat")) var repeatedKeys: [String] = []
    @Flag var leaveChild = false
    @Option var fill: String?

    func run() async throws {
        if let fill {
            guard let shape = RecoveryTiming.Shape(rawValue: fill) else {
                throw ValidationError("--fill takes groups or single")
            }
            return try RecoveryTiming.fill(directory, shape)
        }
        let log = WorkerLog(
            directory: directory, segmentByteCount: segmentBytes, durability: durability.option)
        var worker = LoadWorker(log: log, run: run)
        worker.repeatedKeys = repeatedKeys
        worker.leavesChild = leaveChild
        guard await worker.run() else { throw ExitCode(1) }
    }
}

/// A log that does what standard input says.
struct CommandWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command-worker",
        abstract: "Does with a log what the lines on standard input say.", shouldDisplay: false)

    func run() async {
        // A thread of its own: waiting for input must not keep a task from going on.
        let (lines, continuation) = AsyncStream<String>.makeStream()
        Thread {
            while let line = readLine() { continuation.yield(line) }
            continuation.finish()
        }.start()
        let worker = CommandWorker()
        for await line in lines { await worker.perform(line) }
        await worker.finish()
    }
}
