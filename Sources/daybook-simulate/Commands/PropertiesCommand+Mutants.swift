import ArgumentParser
import DaybookCore
import DaybookProperties
import Foundation
import Glibc
import Synchronization

extension PropertiesCommand {
    /// What came of the hunt, and the fields of the last line that say so.
    struct HuntResult {
        var isOK: Bool
        var figures: [String]
    }

    /// Looks for each mistake in a process of its own, because a mistake is planted for a whole process.
    func huntMutants() throws -> HuntResult {
        // A table that is to be written need not be there yet.
        let known = try table.flatMap { path in
            write && !FileManager.default.fileExists(atPath: path)
                ? nil : try MutantTable(contentsOf: path)
        }
        let mistakes = PlantedMistake.all.map(\.name)
            .filter { mutant.isEmpty || mutant.contains($0) }
        let rows = try rows(of: mistakes, known)
        let killed = rows.filter { $0.killer != nil }
        var problems = rows.filter { $0.killer == nil }.map { "NOT FOUND: \($0.mistake)" }
        problems += killed.filter { $0.commands > MutantRow.commandLimit }.map {
            "TOO LARGE: \($0.mistake): \($0.commands) commands"
        }
        let found = MutantTable(killed)
        if let table, write {
            try found.text.write(toFile: table, atomically: true, encoding: .utf8)
        } else if let known, mutant.isEmpty {
            problems += known.differences(from: found).map {
                "OTHER THAN THE TABLE: \($0); look at why, then write it anew with --write"
            }
        }
        for problem in problems { print(problem) }
        return HuntResult(
            isOK: problems.isEmpty,
            figures: [
                "\"planted\":\(rows.count)", "\"killed\":\(killed.count)",
                "\"mean_commands\":\(String(format: "%.2f", found.means.commands))",
                "\"mean_events\":\(String(format: "%.2f", found.means.events))",
                "\"largest_commands\":\(killed.map(\.commands).max() ?? 0)",
            ])
    }

    private func rows(of mistakes: [String], _ known: MutantTable?) throws -> [MutantRow] {
        let next = Atomic<Int>(0)
        let results = Mutex<[(index: Int, row: Result<MutantRow, any Error>)]>([])
        let showsCases = cases
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while true {
                let (index, _) = next.wrappingAdd(1, ordering: .relaxed)
                guard index < mistakes.count else { return }
                let row = Result {
                    try hunt(mistakes[index], suspect: known?.killer(of: mistakes[index]))
                }
                results.withLock { results in
                    results.append((index, row))
                    guard case .success(let row) = row else { return }
                    print(row.text)
                    if showsCases { print(row.example) }
                    fflush(nil)
                }
            }
        }
        let done = results.withLock { $0 }
        return try done.sorted { $0.index < $1.index }.map { try $0.row.get() }
    }

    /// - Throws: when the process cannot be started or says nothing that makes sense.
    private func hunt(_ mistake: String, suspect: String?) throws -> MutantRow {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["properties", "--hunt", mistake] + (suspect.map { ["--suspect", $0] } ?? [])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // A trap or an endless loop is no property that does not hold.
        if process.terminationReason == .uncaughtSignal { return MutantRow(mistake: mistake) }
        return try JSONDecoder().decode(MutantRow.self, from: data)
    }

    /// Hunts for one mistake in this process and prints what was found on one line.
    func child(_ name: String) throws {
        guard let mistake = PlantedMistake.all.first(where: { $0.name == name }) else {
            throw ValidationError("there is no mistake of the name \(name)")
        }
        // A mistake may make a loop endless; nobody would come back to look at the time.
        alarm(300)
        let row = MutantHunt.find(mistake, suspect: suspect)
        print(String(decoding: try JSONEncoder().encode(row), as: UTF8.self))
    }
}
