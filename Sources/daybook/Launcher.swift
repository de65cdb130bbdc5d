import ArgumentParser
import DaybookCore
import Glibc

/// From the words of the command line to an exit code.
enum Launcher {
    /// Runs the command that the words name.
    static func run(_ arguments: [String]) async -> Int32 {
        plantBug()
        if let topic = HelpTopic(arguments: arguments) {
            Terminal.write(topic.text + "\n", to: STDOUT_FILENO)
            return ExitStatus.done.rawValue
        }
        if let unknown = CommandPath(arguments).unknown {
            return refuse(unknown, arguments)
        }
        do {
            var command = try DaybookTool.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch let status as ExitCode {
            return status.rawValue
        } catch {
            return end(with: error, arguments)
        }
    }

    /// Lets a debug build make a known mistake, for tests that must notice it.
    private static func plantBug() {
        guard PlantedBug.isCompiledIn, let name = environmentValue("DAYBOOK_PLANTED_BUG") else {
            return
        }
        guard let bug = PlantedBug(rawValue: name) else {
            return Terminal.say("DAYBOOK_PLANTED_BUG: there is no mistake called '\(name)'\n")
        }
        PlantedBug.plant(bug)
    }

    /// Help and version are no errors; everything else here is wrong usage.
    private static func end(with error: any Error, _ arguments: [String]) -> Int32 {
        guard DaybookTool.exitCode(for: error) != .success else {
            Terminal.write(DaybookTool.fullMessage(for: error) + "\n", to: STDOUT_FILENO)
            return ExitStatus.done.rawValue
        }
        let path = CommandPath(arguments)
        return refuse(
            .usage(
                DaybookTool.message(for: error),
                wayOut: ["daybook \(path.words.joined(separator: " "))".trimmed + " --help"]),
            arguments)
    }

    private static func refuse(_ failure: Failure, _ arguments: [String]) -> Int32 {
        let format: OutputFormat = wantsJSON(arguments) ? .json : .text
        let output = Output(settings: OutputSettings(format: format, terminal: .current()))
        output.failure(failure)
        output.finish([:], status: failure.status, failure: failure)
        return failure.status.rawValue
    }

    /// What could not be parsed is searched by eye, so that its error has the wanted form.
    static func wantsJSON(_ arguments: [String]) -> Bool {
        let words = arguments.prefix { $0 != "--" }
        return words.contains("--json") || words.contains("--output=json")
            || zip(words, words.dropFirst()).contains { $0 == "--output" && $1 == "json" }
    }
}

/// How far the words of a command line name commands.
struct CommandPath {
    /// The commands, from the group to the command.
    private(set) var words: [String] = []
    /// The word where a command should stand and none does.
    private(set) var unknown: Failure?

    init(_ arguments: [String]) {
        var type: any ParsableCommand.Type = DaybookTool.self
        for word in arguments {
            let children = type.configuration.allSubcommands
            guard !children.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
            var found: (any ParsableCommand.Type)?
            var candidates: [String] = []
            for child in children {
                let names = CommandPath.names(of: child)
                candidates += names
                if names.contains(word) { found = child }
            }
            guard let found else {
                unknown = CommandPath.unknown(word, after: words, candidates)
                return
            }
            words.append(word)
            type = found
        }
    }

    private static func names(of type: any ParsableCommand.Type) -> [String] {
        [type.configuration.commandName ?? type._commandName] + type.configuration.aliases
    }

    private static func unknown(
        _ word: String, after words: [String], _ candidates: [String]
    ) -> Failure {
        let prefix = (["daybook"] + words).joined(separator: " ")
        let close = Spelling.nearest(to: word, among: candidates)
        return .usage(
            "'\(word)' is not a command of '\(prefix)'"
                + (close.map { "; did you mean '\(prefix) \($0)'?" } ?? ""),
            wayOut: [close.map { "\(prefix) \($0) --help" } ?? "\(prefix) --help"])
    }
}

extension CommandConfiguration {
    /// Those in groups too.
    fileprivate var allSubcommands: [any ParsableCommand.Type] {
        ungroupedSubcommands + groupedSubcommands.flatMap(\.subcommands)
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
