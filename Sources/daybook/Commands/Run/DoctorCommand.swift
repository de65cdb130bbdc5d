import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookVault
import Glibc

/// `daybook doctor`
struct DoctorCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check whether a store and its surroundings are in order.",
        discussion: """
            daybook doctor --store shop

            Looks at directory, permissions, settings, lock, log, vault, read models, disk space and \
            libraries. Changes nothing. Exit code 3 when something is not in order. It does not read \
            every byte of the log: daybook verify does.
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        var examination = StoreExamination(store: store)
        examination.run()
        for check in examination.checks {
            output.record(
                "check",
                [
                    "check": .text(check.name),
                    "result": .text(check.code == nil ? "ok" : "problem"),
                    "detail": .text(check.detail),
                ])
        }
        output.flush()
        for check in examination.checks {
            if let code = check.code {
                output.finding(code: code, "\(check.name): \(check.detail)")
            }
        }
        return Outcome(
            ["checks": .of(examination.checks.count)],
            next: output.findingCount == 0 ? ["daybook verify\(store.argument)"] : [])
    }
}
