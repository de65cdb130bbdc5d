import DaybookCore
import Foundation
import Testing

@testable import daybook

/// Runs the built `daybook` as a process, on a directory of its own that goes away with the value.
final class Tool: Sendable {
    struct Answer {
        var status: Int32
        var output: String
        var errors: String

        /// The lines of standard output, each parsed strictly.
        func lines() throws -> [JSONNode.Value] {
            try output.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)).value }
        }

        /// The last line, which must be the one summary.
        func summary(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONNode.Value {
            let lines = try lines()
            let summaries = lines.filter { $0["type"] == .text("summary") }
            #expect(summaries.count == 1, "\(output)", sourceLocation: sourceLocation)
            let last = try #require(lines.last, sourceLocation: sourceLocation)
            #expect(last["type"] == .text("summary"), sourceLocation: sourceLocation)
            return last
        }

        /// The contents of the records.
        func records() throws -> [JSONNode.Value] {
            try lines().filter { $0["type"] == .text("record") }.compactMap { $0["data"] }
        }
    }

    let directory: String
    var store: String { directory + "/store" }

    init() throws {
        directory = NSTemporaryDirectory() + "/daybook-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The executable lies beside the test bundle.
    static func executable() throws -> String {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        let arguments = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for folder in [beside, arguments] {
            let path = folder.appendingPathComponent("daybook").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Failure.notFound("no daybook executable beside \(bundle); run swift build first")
    }

    /// Runs to the end.
    ///
    /// - Parameters:
    ///   - input: standard input.
    ///   - command: in place of the tool, with the tool's path behind it: `setpriv …`.
    func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        through command: [String] = []
    ) throws -> Answer {
        // Files, not pipes: nothing can fill up, and no second thread has to read.
        let stem = directory + "/run-" + UUID().uuidString
        let process = try Tool.process(arguments, environment, through: command)
        try Data(input.utf8).write(to: URL(fileURLWithPath: stem + ".in"))
        for name in [".out", ".err"] {
            try Data().write(to: URL(fileURLWithPath: stem + name))
        }
        process.standardInput = FileHandle(forReadingAtPath: stem + ".in")
        process.standardOutput = FileHandle(forWritingAtPath: stem + ".out")
        process.standardError = FileHandle(forWritingAtPath: stem + ".err")
        try process.run()
        process.waitUntilExit()
        defer {
            for name in [".in", ".out", ".err"] {
                try? FileManager.default.removeItem(atPath: stem + name)
            }
        }
        return Answer(
            status: process.terminationReason == .exit
                ? process.terminationStatus : 128 + process.terminationStatus,
            output: try String(contentsOfFile: stem + ".out", encoding: .utf8),
            errors: try String(contentsOfFile: stem + ".err", encoding: .utf8))
    }

    /// Runs with `--store` of this value.
    func callAsFunction(_ arguments: String..., input: String = "") throws -> Answer {
        try run(arguments + ["--store", store], input: input)
    }

    /// Runs with `--store` and `--json`; the summary is checked to be there.
    func json(_ arguments: String..., input: String = "") throws -> (Answer, JSONNode.Value) {
        let answer = try run(arguments + ["--store", store, "--json"], input: input)
        return (answer, try answer.summary())
    }

    static func process(
        _ arguments: [String], _ environment: [String: String] = [:], through command: [String] = []
    ) throws -> Process {
        let words = command + [try executable()] + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        var variables = ProcessInfo.processInfo.environment
        for name in ["DAYBOOK_STORE", "DAYBOOK_FORCE_TTY", "NO_COLOR", "CLICOLOR_FORCE"] {
            variables[name] = nil
        }
        process.environment = variables.merging(environment) { $1 }
        return process
    }
}

extension JSONNode.Value {
    subscript(name: String) -> JSONNode.Value? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.node.value
    }

    var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var number: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}
