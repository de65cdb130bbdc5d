import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections

/// One read model on its way from empty to live.
final class ModelRebuild {
    private let name: ReadModelName
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
    private var stage = Stage.uncompared
    /// Whether the live one stands still.
    private var isStopped = false

    private enum Stage {
        case uncompared
        /// It is to take the live one's place.
        case wanted
        /// The live one stays.
        case givenUp
        /// An event behind the comparison cannot be projected at full speed, which has no way back.
        case failed(ProjectionError)
    }

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

    var isCompared: Bool { if case .uncompared = stage { false } else { true } }

    /// Why it is not published though it should be.
    var failure: ProjectionError? { if case .failed(let error) = stage { error } else { nil } }

    /// Whether it takes runs: it is not finished, and to be published as far as is known.
    var isFed: Bool {
        switch stage {
        case .uncompared: true
        case .wanted: !rebuild.isFinished
        case .givenUp, .failed: false
        }
    }

    /// Takes a run at full speed.
    ///
    /// - Throws: before the comparison whatever goes wrong; later an event that cannot be projected is this model's own
    ///   ``failure``, and holds up no other.
    func feed(_ run: [FactBatch], _ checkpoint: Checkpoint) throws {
        guard isFed else { return }
        do {
            try rebuild.feed(run, checkpoint: checkpoint)
        } catch let error as ProjectionError where isCompared {
            stage = .failed(error)
            return cancel()
        }
        // It may have been further already. And a model that knows of a decision which came later is not what
        // was known then.
        guard rebuild.checkpoint == checkpoint, !skips.isPending(at: checkpoint.position) else {
            return
        }
        try staged.keep(at: checkpoint.position, head: reader.head.position) {
            try rebuild.copy(to: $0)
        }
    }

    /// Compares with the live model at one position; unless the new one is to be published, it is removed.
    ///
    /// - Parameter finishes: whether no more is to be fed. A live model that stands still is finished where it stands in
    ///   any case: behind that position the new one would stand still, too.
    func compare(expectsChanges: Bool, finishes: Bool) throws {
        let live = try meetLive()
        let comparedAt = rebuild.checkpoint.position
        let found = try takeDigests(besides: live, finishes: finishes || isStopped)
        var previous = try? found.live?.get()
        if live != nil, previous != found.new {
            if isLiveDamaged {
                comparable = nil
                previous = nil
            } else {
                previous = try found.live?.get()
            }
        }
        let digests = found.new
        report = ProjectionRebuild.Report(
            name: name, digests: digests, previousDigests: previous, comparedAt: comparedAt)
        report.isOfOtherProgram = isOfOtherProgram
        let isWanted = expectsChanges || !isOfOtherProgram && report.isEqual != false
        stage = isWanted ? .wanted : .givenUp
        if !isWanted { cancel() }
    }

    /// The digests of both files, each read by a thread of its own where the disk has room for both to grow: the live
    /// one is copied, the new one gets its indexes.
    private func takeDigests(
        besides live: ReadModelSnapshot?, finishes: Bool
    ) throws -> (live: Result<[TableDigest], any Error>?, new: [TableDigest]) {
        func takeNew() throws -> [TableDigest] {
            finishes ? try rebuild.finish() : try rebuild.digests()
        }
        guard let live else { return (nil, try takeNew()) }
        let copy = rebuild.path + "-live"
        let hasRoom = live.hasRoom(forCopies: 2)
        let reading = WorkAside(name.rawValue) {
            // While a moment is read, the live one's write-ahead log cannot begin anew.
            defer { try? live.end(foldingLogBeyond: .max) }
            return try live.digests(copyingTo: copy)
        }
        guard hasRoom else { return (Result { try reading.wait() }, try takeNew()) }
        let new = Result { try takeNew() }
        return (Result { try reading.wait() }, try new.get())
    }

    /// Brings the new one up to the head and lets the live name mean it, if it is wanted.
    func publish() throws {
        guard case .wanted = stage else { return }
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

    /// The live model as it is now, with the new one brought to the same position.
    ///
    /// - Returns: `nil` when there is no live model to compare with.
    /// - Throws: `readModel` when there is one that could not be met at one position.
    private func meetLive() throws -> ReadModelSnapshot? {
        guard comparable != nil else {
            try bring(to: reader.head.position)
            return nil
        }
        for _ in 0..<3 {
            let live = try ReadModelSnapshot(of: name, at: livePath)
            isStopped = live.stop != nil
            if live.checkpoint.position > reader.head.position { try reader.refresh() }
            try bring(to: live.checkpoint.position)
            if rebuild.checkpoint == live.checkpoint { return live }
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
