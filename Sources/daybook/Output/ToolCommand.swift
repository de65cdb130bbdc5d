import ArgumentParser
import DaybookEngine
import Glibc

/// A command of `daybook`: does its work, and leaves the end, the exit code and the form to this.
protocol ToolCommand: AsyncParsableCommand {
    var global: GlobalOptions { get }

    /// Does the work.
    ///
    /// - Throws: ``Failure``, or any error that ``Failure/init(_:)`` knows.
    mutating func perform(_ output: Output) async throws -> Outcome
}

extension ToolCommand {
    mutating func run() async throws {
        umask(0o077)
        let output = Output(settings: global.settings(terminal: .current()))
        Interruption.process.listen(output)
        let status: ExitStatus
        do {
            let outcome = try await perform(output)
            status = output.end(outcome)
        } catch let error as CleanExit {
            output.flush()
            throw error
        } catch {
            // Work that was given up because of a signal ends as the signal says.
            let isGivenUp = (error as? DaybookError)?.kind == .closed
            let interrupted = isGivenUp ? Interruption.process.failure : nil
            let failure = interrupted ?? Failure(error).with(storeOf: CommandLine.arguments)
            output.flush()
            output.failure(failure)
            output.finish([:], status: failure.status, failure: failure)
            status = failure.status
        }
        throw ExitCode(status.rawValue)
    }
}

extension Failure {
    /// Repeats the caller's `--store` in the commands that lead on, so that they can be pasted.
    func with(storeOf arguments: [String]) -> Failure {
        var store: String?
        for (word, next) in zip(arguments, arguments.dropFirst()) where word == "--store" {
            store = next
        }
        for word in arguments where word.hasPrefix("--store=") {
            store = String(word.dropFirst("--store=".count))
        }
        guard let store else { return self }
        var failure = self
        failure.wayOut = wayOut.map { command in
            let takesStore =
                command.hasPrefix("daybook ") && !command.contains("--store")
                && !command.hasPrefix("daybook help") && !command.hasPrefix("daybook demo")
            return takesStore ? "\(command) --store \(shellQuoted(store))" : command
        }
        return failure
    }
}

extension Output {
    /// Ends a command that completed: summary, next steps, exit code.
    func end(_ outcome: Outcome) -> ExitStatus {
        let status = outcome.failure?.status ?? (findingCount > 0 ? .findings : .done)
        if outcome.showsSummary, settings.format == .text {
            flush()
            for line in Table.lines(of: outcome.summary, money: settings.money) { text(line) }
        }
        if let failure = outcome.failure { self.failure(failure) }
        if let errorNumber = finish(outcome.summary, status: status, failure: outcome.failure) {
            failure(.file("standard output", "write", errorNumber: errorNumber))
            return .inputOutput
        }
        if settings.format == .text, !outcome.next.isEmpty {
            note("next:")
            for command in outcome.next { note("  " + command) }
        }
        return status
    }
}
