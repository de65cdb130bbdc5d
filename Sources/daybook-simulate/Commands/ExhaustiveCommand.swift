import ArgumentParser
import DaybookSimulator
import Dispatch
import Foundation
import Synchronization

/// `daybook-simulate exhaustive`
struct ExhaustiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exhaustive",
        abstract:
            "Every byte cut, every sector subset, every call with every error, crashes three deep.",
        discussion: """
            daybook-simulate exhaustive

            Calls that are interrupted (EINTR) lie below the simulated disk; the real process meets them
            in Tests/Survival/faults.py.
            """)

    @Flag(help: "Uncompressed logs too: twice the cases.")
    var all = false

    func run() throws {
        let started = Date()
        let compressed = [(false, true), (true, true)]
        let variants = all ? compressed + [(false, false), (true, false)] : compressed
        let results = Mutex<[ExhaustiveCampaign.Figures]>([])
        DispatchQueue.concurrentPerform(iterations: variants.count) { index in
            let (isMarked, isCompressed) = variants[index]
            let campaign = ExhaustiveCampaign(isMarked: isMarked, isCompressed: isCompressed)
            let found = campaign.run()
            results.withLock { $0.append(found) }
        }
        let figures = results.withLock { $0 }
        func sum(_ field: KeyPath<ExhaustiveCampaign.Figures, Int>) -> Int {
            figures.reduce(0) { $0 + $1[keyPath: field] }
        }
        let failures = figures.flatMap(\.failures)
        for failure in failures.prefix(20) { print(failure) }
        let seconds = Int(Date().timeIntervalSince(started))
        print(
            "exhaustive: \(sum(\.byteCuts)) byte cuts, \(sum(\.sectorSubsets)) sector subsets, "
                + "\(sum(\.nestedCrashes)) crashes up to three deep, "
                + "\(sum(\.storageErrors)) failed calls (\(sum(\.invisibleErrors)) of them short), "
                + "\(failures.count) failures, \(seconds) s")
        print(
            "{\"bar\":\"2\",\"ok\":\(failures.isEmpty),\"byte_cuts\":\(sum(\.byteCuts)),"
                + "\"sector_subsets\":\(sum(\.sectorSubsets)),"
                + "\"crashes\":\(sum(\.nestedCrashes)),\"failed_calls\":\(sum(\.storageErrors)),"
                + "\"failures\":\(failures.count),\"seconds\":\(seconds)}")
        if !failures.isEmpty { throw ExitCode(1) }
    }
}
