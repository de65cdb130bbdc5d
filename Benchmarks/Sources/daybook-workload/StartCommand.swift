import ArgumentParser
import Foundation
import Workload

/// `daybook-workload start`: goal 9.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract:
            "Kills a writer (SIGKILL), then times a new process until its first order is durable.",
        discussion: """
            The writer, a process of its own, places orders without pause and is killed once --events \
            events are acknowledged. A store that is there is written on, so one that took hours to \
            make serves again. Each start is a new process, and ends with SIGKILL as well.
            """)

    @Option(help: "Events before the writer is killed; in a new store those of orders.")
    var events = 500_000

    @Option(help: "Starts to time; the slowest counts.")
    var starts = 3

    @Flag(help: "The writer ships every order and sends its mail before it goes on.")
    var settle = false

    @Option(help: "The store; made unless it is there, and kept (default: a temporary one here).")
    var directory: String?

    @Option(help: "Writes the figures to this file, too.")
    var json: String?

    mutating func validate() throws {
        guard events > 0, starts > 0 else {
            throw ValidationError("--events and --starts must be at least 1")
        }
        try checkFolder(ofFile: json)
    }

    mutating func run() async throws {
        var figures = Figures(mode: "start")
        try await withTemporaryDirectory(directory) { path in
            let acknowledged = try writeAndKill(path)
            let all = try (0..<starts).map { _ in try start(path) }
            guard let worst = all.max(by: { $0.durable < $1.durable }), let last = all.last,
                last.events >= Double(acknowledged * eventsPerOrder)
            else {
                throw WorkloadStore.Failure(
                    "\(acknowledged) orders were acknowledged, but the log has fewer events")
            }
            figures.add("seconds_to_first_durable_order", worst.durable)
            figures.add("seconds_to_open", worst.opened)
            figures.add("seconds_of_the_process", worst.process)
            figures.add("events", last.events)
            figures.add("resident_bytes", last.resident)
            for (name, share) in zip(Start.shareNames, worst.shares) { figures.add(name, share) }
            figures.add("starts", Double(starts))
        }
        try figures.report(toJSON: json)
    }

    /// At least; when a writer is killed, the last mails may not be sent.
    private var eventsPerOrder: Int { settle ? 7 : 5 }

    /// Returns how many orders were acknowledged.
    private func writeAndKill(_ path: String) throws -> Int {
        let writer = try Child(["write", "--directory", path] + (settle ? ["--settle"] : []))
        var acknowledged = 0
        let present = try presentEvents(path)
        while present + acknowledged * eventsPerOrder < events {
            guard let line = writer.nextLine(), let count = Int(line) else {
                writer.wait()
                throw WorkloadStore.Failure("the writer ended before it was killed")
            }
            acknowledged = count
        }
        kill(writer.processID, SIGKILL)
        while let line = writer.nextLine() { acknowledged = Int(line) ?? acknowledged }
        writer.wait()
        return acknowledged
    }

    /// What a store holds already; 0 for none.
    private func presentEvents(_ path: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: path + "/log") else { return 0 }
        return try WorkloadStore.eventCount(in: path)
    }

    private struct Start {
        let opened: Double
        let durable: Double
        let events: Double
        let resident: Double
        let process: Double
        /// Seconds of the parts of opening, and the events that were folded.
        let shares: [Double]

        static let shareNames = [
            "seconds_finding", "seconds_recovery", "seconds_snapshot", "seconds_read_models",
            "seconds_folding", "seconds_catch_up", "folded_events",
        ]
    }

    private func start(_ path: String) throws -> Start {
        let clock = ContinuousClock()
        let begun = clock.now
        let child = try Child(["first-order", "--directory", path])
        let line = child.nextLine() ?? ""
        let process = begun.duration(to: clock.now).inSeconds
        child.wait()
        let fields = line.split(separator: " ").compactMap { Double($0) }
        guard fields.count == 4 + Start.shareNames.count else {
            throw WorkloadStore.Failure("the store did not start again: '\(line)'")
        }
        return Start(
            opened: fields[0], durable: fields[1], events: fields[2], resident: fields[3],
            process: process, shares: Array(fields[4...]))
    }
}
