import ArgumentParser
import DaybookSimulator

/// `daybook-simulate replay`
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs one recorded run again, choice by choice.",
        discussion: "daybook-simulate replay simulation-failure.json")

    @Argument(help: "The file that `run` wrote.")
    var file: String

    @Flag(help: "Tell every step and every call that changes a disk.")
    var trace = false

    func run() throws {
        let scenario: LogScenario
        do {
            scenario = try LogScenario(file: file)
        } catch {
            throw ValidationError("\(file) is not a recorded run: \(error)")
        }
        guard let failure = scenario.replay(narrator: trace ? { print($0) } : nil) else {
            print("every promise is kept (recorded was: \(scenario.violation))")
            return
        }
        print(failure.violation)
        throw ExitCode(1)
    }
}
