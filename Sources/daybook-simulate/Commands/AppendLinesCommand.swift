import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookSimulator
import Glibc

/// `daybook-simulate append`: the worker whose disk or process somebody else takes away.
struct AppendLinesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append seeded batches to a log and print a line for each acknowledgement.",
        discussion: """
            daybook-simulate append DIR --batches 20 --segment-bytes 65536 --durability marked

            Opens the log in DIR, or creates it. Prints `opened BATCH` or `created`, then for each \
            batch `sent TOKEN DIGEST` before it is handed in and `ack TOKEN FIRST LAST DIGEST` once \
            the log acknowledged it. With --paced it waits for a line with a number on standard \
            input, appends so many batches at once, prints `round`, and waits again; the line \
            `close`, or reaching --batches, closes the log, and the end of the input ends the \
            process without closing.
            """,
        shouldDisplay: false)

    @Argument(help: "The log's directory; its parent must exist.")
    var directory: String

    @Option(help: "How many batches to append.")
    var batches: UInt64 = .max

    @Option(help: "Where the batches' numbers begin, after a restart.")
    var firstToken: UInt64 = 1

    @Option(help: "Of the batches' content.")
    var seed: UInt64 = 1

    @Option(help: "Length of every segment.")
    var segmentBytes = 65_536

    @Option(help: "lazy or marked.")
    var durability = Durability.lazy

    @Flag(help: "Wait for a line on standard input before each round.")
    var paced = false

    enum Durability: String, ExpressibleByArgument {
        case lazy, marked
    }

    func run() async throws {
        do {
            let log = try open()
            var nextToken = firstToken
            let end = firstToken.addingReportingOverflow(batches)
            let lastToken = end.overflow ? UInt64.max : end.partialValue
            while nextToken < lastToken {
                guard let count = try nextRound() else { break }
                let tokens = nextToken..<min(lastToken, nextToken + count)
                try await append(tokens, to: log)
                nextToken = tokens.upperBound
                if paced { try Line.write("round") }
            }
            try await log.close()
            try Line.write("closed")
        } catch let error as EventLogError {
            throw try Line.failure(error)
        }
    }

    private func open() throws -> EventLog {
        var options = EventLogOptions()
        options.firstSegmentByteCount = segmentBytes
        options.segmentByteCount = segmentBytes
        options.durability = durability == .lazy ? .lazy : .marked
        let storage = try FileStorage(path: directory, creating: true)
        if try LogDirectory.exists(in: storage) {
            let log = try EventLog.open(
                directory: directory, options: options, hash: .sha256,
                clock: DaybookConfiguration.wallClock)
            try Line.write("\(log.recovery)", to: STDERR_FILENO)
            try Line.write("opened \(log.recovery.head.batchNumber)")
            return log
        }
        var chance = SplitMix64(state: seed)
        let salt = (0..<Digest.byteCount).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
        let log = try EventLog.create(
            directory: directory, options: options, hash: .sha256,
            clock: DaybookConfiguration.wallClock,
            id: LogID(rawValue: UInt128(chance.next()) << 64 | UInt128(chance.next())),
            salt: salt.withUnsafeBytes { Digest(bytes: $0) })
        try Line.write("created")
        return log
    }

    /// How many batches come next; `nil`: close.
    private func nextRound() throws -> UInt64? {
        guard paced else { return 1 }
        guard let line = readLine() else { throw ExitCode(0) }
        if line == "close" { return nil }
        guard let count = UInt64(line), (1...10_000).contains(count) else {
            throw ValidationError("standard input: expected 1 to 10000, or close")
        }
        return count
    }

    private func append(_ tokens: Range<UInt64>, to log: EventLog) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for token in tokens {
                let batch = SeededBatch(
                    seed: seed, token: token, at: DaybookConfiguration.wallClock()
                ).batch
                let digest = BatchDigest.digest(of: batch)
                try Line.write("sent \(token) \(digest)")
                group.addTask {
                    guard case .appended(let positions) = try await log.append(batch) else {
                        throw EventLogError(.invalidQuery, "an append without condition met one")
                    }
                    try Line.write(
                        "ack \(token) \(positions.lowerBound) \(positions.upperBound) \(digest)")
                }
            }
            try await group.waitForAll()
        }
    }
}
