import ArgumentParser
import DaybookCore
import DaybookProperties
import DaybookTestKit
import Foundation

extension PropertiesCommand {
    /// What came of the hunt, and the fields of the last line that say so.
    struct HuntResult {
        var isOK: Bool
        var figures: [String]
    }

    func huntMutants() throws -> HuntResult {
        // A table that is to be written need not be there yet.
        let known = try table.flatMap { path in
            write && !FileManager.default.fileExists(atPath: path)
                ? nil : try MutantTable(contentsOf: path)
        }
        let hunt = MutantHunt(suspects: known?.killers ?? [:])
        let mistakes = PlantedMistake.all.filter { mutant.isEmpty || mutant.contains($0.name) }
        var findings: [MutantFinding] = []
        for mistake in mistakes {
            let finding = hunt.find(mistake)
            findings.append(finding)
            print(MutantTable.row(finding))
            if cases, let counterexample = finding.counterexample {
                print(counterexample.message, counterexample.source, separator: "\n")
            }
            fflush(nil)
        }
        let killed = findings.filter { $0.killer != nil }
        let sizes = killed.compactMap(\.size)
        var problems = findings.filter { $0.killer == nil }.map { "NOT FOUND: \($0.mistake.name)" }
        problems += killed.filter { $0.size ?? 0 > MutantFinding.sizeLimit }.map {
            "TOO LARGE: \($0.mistake.name): \($0.size ?? 0) commands"
        }
        let found = MutantTable(findings)
        if let table, write {
            try found.text.write(toFile: table, atomically: true, encoding: .utf8)
        } else if let known, mutant.isEmpty, known != found {
            problems.append(
                "OTHER THAN THE TABLE: \(known.differences(from: found).joined(separator: ", ")); "
                    + "look at why, then run it with --write")
        }
        for problem in problems { print(problem) }
        let mean = Double(sizes.reduce(0, +)) / Double(max(1, sizes.count))
        let events = killed.map { $0.counterexample?.eventCount ?? 1 }
        let meanEvents = Double(events.reduce(0, +)) / Double(max(1, events.count))
        return HuntResult(
            isOK: problems.isEmpty,
            figures: [
                "\"planted\":\(findings.count)", "\"killed\":\(killed.count)",
                "\"mean_commands\":\(String(format: "%.2f", mean))",
                "\"mean_events\":\(String(format: "%.2f", meanEvents))",
                "\"largest_commands\":\(sizes.max() ?? 0)",
            ])
    }
}
