import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import Glibc

/// `daybook-simulate witness`: says what a log holds after it was opened for writing.
struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Open a log, recovering it, and print every batch.",
        discussion: """
            daybook-simulate witness DIR

            Prints `opened BATCH`, `batch NUMBER FIRST LAST DIGEST` for each batch, and \
            `head POSITION`. Appends nothing and closes the log. Exit codes as `daybook`: 65 damaged, \
            10 no log there.
            """,
        shouldDisplay: false)

    @Argument(help: "The log's directory.")
    var directory: String

    @Option(help: "Length of a segment that recovery may have to begin.")
    var segmentBytes = 65_536

    func run() async throws {
        do {
            var options = EventLogOptions()
            options.firstSegmentByteCount = segmentBytes
            options.segmentByteCount = segmentBytes
            let log = try EventLog.open(
                directory: directory, options: options, hash: .sha256,
                clock: DaybookConfiguration.wallClock)
            try Line.write("\(log.recovery)", to: STDERR_FILENO)
            try Line.write("opened \(log.recovery.head.batchNumber)")
            try log.reader.forEachBatch(from: LogPosition(rawValue: 1), through: nil) { view in
                let batch = try view.recorded()
                try Line.write(
                    "batch \(batch.number) \(batch.firstPosition) \(batch.lastPosition) "
                        + "\(BatchDigest.digest(of: batch))")
                return true
            }
            try Line.write("head \(log.head)")
            try await log.close()
        } catch let error as EventLogError {
            throw try Line.failure(error)
        }
    }
}
