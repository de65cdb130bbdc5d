import DaybookCore
import DaybookSimulator
import Foundation
import Glibc
import Synchronization

/// Runs hunts in processes of their own, because a mistake is planted for a whole process.
struct BugHunters {
    var jobs: Int
    var seconds: Double
    var cleanSeconds: Double
    var shrinkSeconds: Double

    /// - Parameter report: called once for each, as soon as it is done, never twice at a time.
    /// - Throws: when a process cannot be started or says nothing that makes sense.
    func run(_ bugs: [PlantedBug?], report: @Sendable (BugHunt.Finding) -> Void) throws -> [BugHunt
        .Finding]
    {
        let next = Atomic<Int>(0)
        let results = Mutex<[Result<BugHunt.Finding, any Error>]>([])
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while true {
                let (index, _) = next.wrappingAdd(1, ordering: .relaxed)
                guard index < bugs.count else { return }
                let result = Result { try hunt(bugs[index]) }
                results.withLock { done in
                    done.append(result)
                    if case .success(let finding) = result { report(finding) }
                }
            }
        }
        return try results.withLock { $0 }.map { try $0.get() }
    }

    private func hunt(_ bug: PlantedBug?) throws -> BugHunt.Finding {
        let start = ContinuousClock.now
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "bugs", "--hunt", bug?.rawValue ?? "nothing", "--seconds", "\(seconds)",
            "--clean-seconds", "\(cleanSeconds)", "--shrink-seconds", "\(shrinkSeconds)",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal {
            var finding = BugHunt.Finding(bug: bug?.rawValue)
            finding.seconds = (ContinuousClock.now - start) / .seconds(1)
            // An alarm means that the time was up; a trap means that the code noticed it itself.
            if process.terminationStatus != SIGALRM {
                finding.kind = "trap"
                finding.message = "the process ended with signal \(process.terminationStatus)"
            }
            return finding
        }
        return try JSONDecoder().decode(BugHunt.Finding.self, from: data)
    }
}

/// A line of the table.
enum BugRow {
    static let title = row("planted mistake", "caught by", "seed", "crash points", "seconds")

    static func text(_ finding: BugHunt.Finding) -> String {
        let choices = finding.choices.map { "  \($0) choices" } ?? ""
        let name = finding.bug ?? "(none)"
        let message = finding.message.map { "  \($0.prefix(100))" } ?? ""
        return row(
            name, finding.kind ?? "-", "\(finding.seed)", "\(finding.crashPoints)",
            tenths(finding.seconds)) + choices + message
    }

    static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded(.up))
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func row(
        _ name: String, _ kind: String, _ seed: String, _ points: String, _ seconds: String
    ) -> String {
        func left(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return left(name, 28) + left(kind, 22) + right(seed, 5) + right(points, 14)
            + right(seconds, 9)
    }
}
