import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections

/// One read model on its way from empty to live.
final class ModelRebuild {
    let name: ReadModelName
    private let livePath: String
    private let reader: LogReader
    private let rebuild: ReadModelRebuild
    private let staged: CheckpointFiles
    private let kept: CheckpointFiles
    private let skips: OperatorSkips
    /// Where the live model stood at the start; `nil` when it cannot be compared with.
    private(set) var comparable: LogPosition?
    private let isOfOtherProgram: Bool
    /// What has become of it so far.
    private(set) var report: ProjectionRebuild.Report

    /// - Throws: `damaged` when the live model knows events that the log does not have.
    init(
        of name: ReadModelName, in store: StoreDirectory, from reader: LogReader,
        policy: CheckpointPolicy
    ) throws {
        self.name = name
        self.reader = reader
        report = ProjectionRebuild.Report(name: name, digests: [], comparedAt: .start)
        livePath = store.path(of: name)
        guard !ReadModelPlace(livePath).isPlain else {
            throw DaybookError(
                .readModel,
                "\(livePath) is a file from before read models were links; open the store once with any "
                    + "command that changes it, such as `daybook order expire-due`, and try again")
        }
        (comparable, isOfOtherProgram) = try ModelRebuild.judge(name, livePath, reader)
        staged = CheckpointFiles(name, besides: store.readModels, policy: policy, staged: true)
        kept = CheckpointFiles(name, besides: store.readModels, policy: policy)
        skips = try OperatorSkips(in: reader, from: .start)
        try staged.removeAll()
        rebuild = try ReadModelRebuild(of: name, at: livePath, logID: reader.logID)
    }

    private static func judge(
        _ name: ReadModelName, _ path: String, _ reader: LogReader
    ) throws -> (comparable: LogPosition?, isOfOtherProgram: Bool) {
        // Whether its pages are sound is only asked if its rows turn out not to be those of the new one.
        var condition = ReadModelFile.inspect(
            name, at: path, against: reader.identity, checksPages: false)
        if case .ahead(let checkpoint, _) = condition {
            // A writer at work goes on between the two looks, and would between two more: so what was seen
            // is held against a later look at the log.
            try reader.refresh()
            condition = reader.identity.condition(of: checkpoint)
        }
        switch condition {
        case .ahead(let checkpoint, let head):
            throw DaybookError(
                .damaged,
                "the read model \(path) knows position \(checkpoint.position), but the log ends at "
                    + "\(head): acknowledged events are missing, and a rebuild would hide it. Restore "
                    + "the log from its newest backup")
        case .ready(let checkpoint): return (checkpoint.position, false)
        case .otherSchema: return (nil, true)
        case .missing, .damaged, .otherLog: return (nil, false)
        case .unavailable(let reason):
            throw DaybookError(.readModel, "\(path) cannot be compared with now: \(reason)")
        }
    }

    func feed(_ run: [FactBatch], _ checkpoint: Checkpoint) throws {
        try rebuild.feed(run, checkpoint: checkpoint)
        // Such a model knows of a decision that came later, so it is not what was known then.
        guard !skips.isPending(at: checkpoint.position) else { return }
        try staged.keep(at: checkpoint.position, head: reader.head.position) {
            try rebuild.copy(to: $0)
        }
    }

    /// Compares with the live model at one position.
    ///
    /// - Parameter isFar: whether so much of the log is left from a position on that it should be fed, too, before
    ///   ``publish()``: a finished file takes it at half the speed.
    /// - Returns: whether the new one is to be published; else it is removed.
    func compare(expectsChanges: Bool, isFar: (LogPosition) -> Bool) throws -> Bool {
        var previous = try liveDigests()
        let comparedAt = rebuild.checkpoint.position
        let digests = isFar(comparedAt) ? try rebuild.digests() : try rebuild.finish()
        if previous != nil, previous != digests, isLiveDamaged {
            comparable = nil
            previous = nil
        }
        report = ProjectionRebuild.Report(
            name: name, digests: digests, previousDigests: previous, comparedAt: comparedAt)
        report.isOfOtherProgram = isOfOtherProgram
        guard expectsChanges || !isOfOtherProgram && report.isEqual != false else {
            cancel()
            return false
        }
        return true
    }

    /// Where to go on feeding; `nil` once it is finished.
    var nextPosition: LogPosition? {
        rebuild.isFinished ? nil : rebuild.checkpoint.position.advanced(by: 1)
    }

    /// Brings the new one up to the head and lets the live name mean it.
    func publish() throws {
        if !rebuild.isFinished { _ = try rebuild.finish() }
        try catchUp(rebuild.path)
        // What is kept of the old one may be wrong as the old one may be.
        try kept.removeAll()
        try exchange()
        try kept.replace(by: staged)
        // What a projector has put into the old file since then, it has not put into this one.
        try catchUp(livePath)
    }

    /// Exchanges the link while nobody can put anything into the old file that the new one has not.
    private func exchange() throws {
        func link() throws {
            report.earlierFile = try rebuild.publish()
            report.isPublished = true
        }
        guard comparable != nil, let old = try? ReadModelFile.open(name, at: livePath) else {
            return try link()
        }
        defer { try? old.close() }
        try old.holdingWriters {
            try catchUp(rebuild.path)
            try link()
        }
    }

    /// The digests of the live model as it is now, with the new one brought to the same position.
    ///
    /// - Returns: `nil` when there is no live model to compare with.
    /// - Throws: `readModel` when there is one that could not be met at one position.
    private func liveDigests() throws -> [TableDigest]? {
        guard comparable != nil else {
            try bring(to: reader.head.position)
            return nil
        }
        for _ in 0..<3 {
            let live = try ReadModelSnapshot(of: name, at: livePath)
            if live.checkpoint.position > reader.head.position { try reader.refresh() }
            try bring(to: live.checkpoint.position)
            guard rebuild.checkpoint == live.checkpoint else { continue }
            do {
                return try live.digests(copyingTo: rebuild.path + "-live")
            } catch {
                guard isLiveDamaged else { throw error }
                comparable = nil
                return nil
            }
        }
        throw DaybookError(
            .readModel,
            "\(livePath) was replaced while it was rebuilt; nothing was changed. Try again")
    }

    /// Reads the whole live file: it cannot be compared with when it is damaged.
    private var isLiveDamaged: Bool {
        let condition = ReadModelFile.inspect(name, at: livePath, against: reader.identity)
        if case .damaged = condition { return true }
        return false
    }

    private func bring(to position: LogPosition) throws {
        try ReadModelSet.feed(
            reader, from: rebuild.checkpoint.position.advanced(by: 1), through: position
        ) { run, checkpoint in
            try feed(run, checkpoint)
            return true
        }
    }

    /// Projects into a finished file what the log holds and it does not; beside a projector, if there is
    /// one.
    private func catchUp(_ path: String) throws {
        for attempt in 1... {
            try reader.refresh()
            do {
                let file = try ReadModelFile.open(name, at: path)
                let projector = try name.makeProjector(file: file)
                defer { try? projector.close() }
                try ReadModelSet.feed(
                    reader, from: file.checkpoint.position.advanced(by: 1)
                ) { run, checkpoint in
                    try ReadModelSet.project(run, checkpoint, with: projector, reader)
                    return file.stop == nil
                }
                return
            } catch let error as ReadModelError
                where (error.code == .outpaced || error.code == .busy) && attempt < 20
            {
                // The live projector was faster, which is as good.
                continue
            }
        }
    }

    /// Removes what was built, unless it is live already; the first error is the one to tell.
    func cancel() {
        guard !report.isPublished else { return }
        try? rebuild.cancel()
        try? staged.removeAll()
    }
}
