import DaybookCore
import DaybookEngine
import DaybookLog
import Glibc

/// Every case of a small log, not a sample of a large one: every byte at which a group's write may
/// tear, every subset of its sectors, every call × every error, every crash inside every recovery.
package final class ExhaustiveCampaign {
    package struct Figures: Sendable {
        package var byteCuts = 0
        package var sectorSubsets = 0
        package var nestedCrashes = 0
        package var storageErrors = 0
        /// Of the storage errors, those that the log had to survive without saying anything.
        package var invisibleErrors = 0
        package var failures: [String] = []
    }

    private var figures = Figures()
    private let isMarked: Bool
    private let isCompressed: Bool

    package init(isMarked: Bool, isCompressed: Bool) {
        self.isMarked = isMarked
        self.isCompressed = isCompressed
    }

    package func run() -> Figures {
        cutEverywhere()
        keepEverySubset()
        crashEverywhere()
        failEverywhere()
        return figures
    }

    private var options: LogWorldOptions {
        var options = LogWorldOptions()
        options.isMarked = isMarked
        options.isCompressed = isCompressed
        return options
    }

    private func note(
        _ what: String, _ body: () throws(Violation) -> Void
    ) {
        do throws(Violation) {
            try body()
        } catch {
            figures.failures.append("\(what): \(error)")
        }
    }
}

// MARK: - One write

extension ExhaustiveCampaign {
    /// A world with something acknowledged and one group that is written and not synced.
    private struct TornGroup {
        let world: LogWorld
        /// Without anything of the group.
        let before: SimulatedDisk
        let promised: Lineage
        let file: String
        let byteOffset: Int
        let bytes: [UInt8]

        /// - Parameter options: decides how many frames the group has.
        init(_ options: LogWorldOptions, shape: UInt32) throws(Violation) {
            // The first group is small; of the second one the shape is given.
            world = LogWorld(
                options: options, chance: Chance(replaying: [0, shape]), plan: .replay([]))
            try world.create()
            try world.appendGroup()
            var found: (SimulatedDisk, Lineage, StorageCall, [UInt8])?
            let disk = world.disk
            let chance = Chance(replaying: [])
            disk.observer = { [unowned world] call, moment in
                guard found == nil, moment == .after, call.kind == .write,
                    LogFileName.segmentNumber(of: call.file) != nil
                else { return }
                let start = Int(call.byteOffset)
                let bytes = Array(disk.bytes(call.file)[start..<(start + call.byteCount)])
                found = (disk.crashed(.nothing, chance: chance), world.lineage, call, bytes)
            }
            try world.appendGroup()
            disk.observer = nil
            guard let (before, promised, call, bytes) = found else {
                throw Violation(.unexpected, "the group was never written")
            }
            self.before = before
            self.promised = promised
            file = call.file
            byteOffset = Int(call.byteOffset)
            self.bytes = bytes
        }

        /// The disk on which only some of the group's bytes arrived, opened and judged.
        func judge(keeping isKept: (Int) -> Bool) throws(Violation) {
            let image = before.killed()
            image.damage(file) { all in
                for index in bytes.indices where isKept(index) {
                    all[byteOffset + index] = bytes[index]
                }
            }
            _ = try world.judge(image, try world.recover(image, mayBeAbsent: false), promised)
        }
    }

    /// A group of three frames, cut at every byte.
    private func cutEverywhere() {
        note("byte cuts") { () throws(Violation) in
            var options = options
            // One frame holds 64 KiB: three need three times as much, which compresses to little.
            options.isRepetitive = isCompressed
            options.payloadLimit = isCompressed ? 9_000 : 400
            options.groupLimit = isCompressed ? 40 : 12
            options.eventLimit = 2
            let group = try TornGroup(options, shape: isCompressed ? 39 : 11)
            for cut in 0...group.bytes.count {
                figures.byteCuts += 1
                note("cut at byte \(cut)") { () throws(Violation) in
                    try group.judge { $0 < cut }
                }
            }
        }
    }

    /// A group of at most twelve sectors of which any may be missing.
    private func keepEverySubset() {
        note("sector subsets") { () throws(Violation) in
            var options = options
            options.payloadLimit = isCompressed ? 900 : 400
            options.groupLimit = 12
            let group = try TornGroup(options, shape: 11)
            let size = SimulatedDisk.sectorByteCount
            let first = group.byteOffset / size
            let count = (group.byteOffset + group.bytes.count - 1) / size - first + 1
            guard (5...12).contains(count) else {
                throw Violation(.unexpected, "the group has \(count) sectors, not 5 to 12")
            }
            for mask in 0..<(1 << count) {
                figures.sectorSubsets += 1
                note("sectors \(String(mask, radix: 2))") { () throws(Violation) in
                    try group.judge { mask >> ((group.byteOffset + $0) / size - first) & 1 == 1 }
                }
            }
        }
    }
}

// MARK: - Every call

extension ExhaustiveCampaign {
    /// None, all, names without data, and a killed process; in ordered mode the moment is the first.
    private static let models: [UInt32] = [
        UInt32(CrashModel.nothing.rawValue), UInt32(CrashModel.everything.rawValue),
        UInt32(CrashModel.namesBeforeData.rawValue), UInt32(CrashModel.allCases.count),
    ]
    private static let depth = 3

    /// Forty steps; the power goes after every call, and after every call of what follows.
    private func crashEverywhere() {
        var options = options
        options.stepLimit = 40
        options.stopWeight = 0
        options.payloadLimit = 400
        options.faultWeight = 0
        let world = LogWorld(
            options: options, chance: Chance(seed: 40),
            plan: .everywhere(models: ExhaustiveCampaign.models, depth: ExhaustiveCampaign.depth))
        do throws(SimulationFailure) {
            try world.run()
        } catch {
            figures.failures.append("crash at \(error.crashes.map(\.ordinal)): \(error)")
        }
        figures.nestedCrashes += world.report.crashPoints
    }

    /// Each call of a scenario fails, in each way, once and from then on.
    private func failEverywhere() {
        let effects: [DiskFault.Effect] = [
            .error(errno: EIO), .error(errno: ENOSPC), .short(byteCount: 100),
        ]
        var call = 0
        while true {
            var wasReached = false
            for effect in effects {
                for isPersistent in [false, true] {
                    // How a failed sync leaves the pages matters for syncs that fail only.
                    for model in FailedSync.allCases {
                        let fault = DiskFault(effect, failedSync: model)
                        let run = ErrorRun(options)
                        note("call \(call), \(effect), \(model)") { () throws(Violation) in
                            guard try run.meet(call, fault, isPersistent: isPersistent) else {
                                return
                            }
                            wasReached = true
                            figures.storageErrors += 1
                            if case .short = effect { figures.invisibleErrors += 1 }
                        }
                        guard run.metSync, case .error = effect else { break }
                    }
                }
            }
            guard wasReached else { return }
            call += 1
        }
    }
}
