import ArgumentParser
import DaybookLog
import DaybookSimulator

/// Bar 3 of LOG.md: every bit of a log.
struct BitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bits",
        abstract: "Flips every bit of a log and checks that each is found, named and repaired.",
        discussion: """
            A log of two segments and its mark, more than 64 KiB, has each of its bits flipped in turn. \
            Every flip must be found and named with segment, byte and bit; every flip in a frame header \
            or payload must be repaired, with proof, to the bytes that were written. A sample is opened \
            for writing and repaired on a simulated disk. There is no chance in it: two runs are the \
            same. Exit code 1 when a bar is missed.
            """)

    @Option(help: "Threads.")
    var jobs = 2
    @Option(help: "Flips one bit in so many only, for a quick look; the bar is then missed.")
    var stride = 1
    @Flag(help: "Compresses the frames.")
    var lz4 = false

    func validate() throws {
        guard (1...64).contains(jobs), stride >= 1 else {
            throw ValidationError("1 to 64 jobs; a stride of at least 1")
        }
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let flips = try BitFlips(codec: lz4 ? .lz4 : .none)
        let report = try await flips.run(threads: jobs, stride: stride)
        let seconds = (clock.now - start) / .seconds(1)
        for failure in report.failures { print("MISSED \(failure)") }
        print(BitsCommand.text(report))
        let total = report.total
        print(
            "bits: \(total.cases) cases in \(report.byteCount) bytes, \(total.detected) found, "
                + "\(total.named) named exactly, \(total.repaired) repaired with proof, "
                + "\(total.refused) refused, \(report.openedCount) opened, "
                + "\(report.repairedOnDiskCount) repaired on disk, \(report.failureCount) missed, "
                + "\(Int(seconds.rounded(.up))) s")
        print(
            "{\"bar\":\"3\",\"ok\":\(report.isOK),\"cases\":\(total.cases),"
                + "\"found\":\(total.detected),\"named\":\(total.named),"
                + "\"repaired\":\(total.repaired),\"refused\":\(total.refused),"
                + "\"missed\":\(report.failureCount),\"seconds\":\(Int(seconds.rounded(.up)))}")
        if !report.isOK { throw ExitCode(1) }
    }

    private static func text(_ report: BitFlips.Report) -> String {
        var lines = [row("place", ["cases", "found", "named", "repaired", "refused"], "proof")]
        for place in BitFlips.Place.allCases {
            guard let tally = report.tallies[place] else { continue }
            let proofs = tally.proofs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append(
                row(
                    place.rawValue,
                    [tally.cases, tally.detected, tally.named, tally.repaired, tally.refused]
                        .map(String.init), proofs.joined(separator: ", ")))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ place: String, _ numbers: [String], _ proof: String) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count))
        }
        return place + padded(place, 24)
            + numbers.map { padded($0, 9) + $0 }.joined() + "  " + proof
    }
}
