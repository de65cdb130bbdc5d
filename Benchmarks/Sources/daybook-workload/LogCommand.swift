import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import Foundation
import Synchronization
import Workload

/// `daybook-workload log`: goal 4.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Conditional appends to the bare log, each waited for until it is durable.",
        discussion: """
            Every batch is about a subject of its own: its events carry that tag, and it is appended \
            only if nothing else does. So no two conditions conflict, and each is looked up. Payloads \
            have 256 bytes: half of them random digits, half names that repeat (with --random no byte \
            repeats). LZ4, checksums, chain and Merkle leaves are on.
            """)

    @Option(help: "Events in a batch.")
    var batch = 64

    @Option(help: "Callers that each wait for their own append before the next one.")
    var writers = 64

    @Option(help: "Events in all, in whole batches.")
    var events = 200_000

    @Option(help: "The seed of subjects and payloads.")
    var seed: UInt64 = 1

    @Flag(help: "Payloads that LZ4 cannot make smaller.")
    var random = false

    @Flag(help: "Conditions look at the whole log, not only behind the head that the caller saw.")
    var wholeLog = false

    @Option(help: "A new directory for the log; it is kept (default: a temporary one here).")
    var directory: String?

    @Option(help: "Writes the figures to this file, too.")
    var json: String?

    mutating func validate() throws {
        guard batch > 0, writers > 0, events >= batch else {
            throw ValidationError("--batch and --writers are at least 1, --events at least --batch")
        }
        let files = directory.flatMap {
            try? FileManager.default.contentsOfDirectory(atPath: $0)
        }
        guard files?.isEmpty ?? true else {
            throw ValidationError("--directory is not empty; a log is made in a new directory")
        }
        try checkFolder(ofFile: json)
    }

    mutating func run() async throws {
        var figures = Figures(mode: "log")
        try await withTemporaryDirectory(directory) { path in
            var numbers = SplitMix64(seed: seed)
            let id = LogID(rawValue: UInt128(numbers.next()) << 64 | UInt128(numbers.next()))
            let log = try EventLog.create(
                directory: path, hash: .sha256, clock: DaybookConfiguration.wallClock, id: id,
                salt: .zero)
            try await measure(log, &figures)
            try await log.close()
        }
        try figures.report(toJSON: json)
    }

    private func measure(_ log: EventLog, _ figures: inout Figures) async throws {
        let feed = BatchNumbers(count: events / batch)
        let source = EventSource(batch: batch, seed: seed, random: random)
        let before = log.statistics
        let clock = ContinuousClock()
        let started = clock.now
        let durations = try await withThrowingTaskGroup(of: Durations.self) { tasks in
            for _ in 0..<writers {
                tasks.addTask {
                    var durations = Durations()
                    while let number = feed.next() {
                        let (proposed, subject) = source.batch(number)
                        let condition = AppendCondition(
                            failIfEventsMatch: .tag(subject), after: wholeLog ? nil : log.head)
                        let asked = clock.now
                        let result = try await log.append(proposed, when: condition)
                        guard case .appended = result else {
                            throw WorkloadStore.Failure("batch \(number) met a conflict: \(result)")
                        }
                        durations.add(asked.duration(to: clock.now))
                    }
                    return durations
                }
            }
            return try await tasks.reduce(into: Durations()) { $0.add($1) }
        }
        let seconds = started.duration(to: clock.now).inSeconds
        let appended = Double(events / batch * batch)
        let after = log.statistics
        figures.add("events_per_second", appended / seconds)
        figures.add("p99_us", durations.microseconds(at: 0.99))
        figures.add("p50_us", durations.microseconds(at: 0.5))
        figures.add("batch", Double(batch))
        figures.add("writers", Double(writers))
        figures.add("events", appended)
        figures.add("seconds", seconds)
        figures.add("frames", Double(after.frameCount - before.frameCount))
        let stored = Double(after.storedByteCount - before.storedByteCount)
        let raw = Double(after.rawByteCount - before.rawByteCount)
        figures.add("stored_bytes_per_event", stored / appended)
        figures.add("raw_bytes_per_event", raw / appended)
    }
}

/// Hands 0, 1, 2 … to several writers.
private final class BatchNumbers: Sendable {
    private let numbers = Atomic(0)
    private let count: Int

    init(count: Int) {
        self.count = count
    }

    func next() -> Int? {
        let number = numbers.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}
