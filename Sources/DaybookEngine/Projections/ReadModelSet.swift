import DaybookCore
import DaybookDecisions
import DaybookLog
package import DaybookProjections
import Foundation
import Synchronization

/// The projectors of one store, with their files, confined to one thread at a time.
final class ReadModelSet {
    private let reader: LogReader
    private var projectors: [any Projector]
    private var keepers: [ReadModelName: CheckpointKeeper]
    private let store: StoreDirectory
    /// Who waits for positions in this process.
    private let board: PositionBoard?
    private let isParallel: Bool
    /// What was found and done when the files were opened; for people.
    let notices: [String]
    /// Those whose pages were not looked at, because that takes long.
    let unchecked: [(name: ReadModelName, path: String)]

    /// A larger file is looked at beside its use: reading it all would be most of a start.
    private static let byteCountToCheckAtStart: UInt64 = 8 << 20

    private init(
        reader: LogReader, projectors: [any Projector], in store: StoreDirectory,
        policy: CheckpointPolicy, board: PositionBoard?, isParallel: Bool, notices: [String],
        unchecked: [(name: ReadModelName, path: String)]
    ) {
        self.reader = reader
        self.store = store
        keepers = ReadModelName.allCases.reduce(into: [:]) { keepers, name in
            keepers[name] = CheckpointKeeper(
                CheckpointFiles(name, besides: store.readModels, policy: policy),
                isParallel: isParallel)
        }
        self.board = board
        self.isParallel = isParallel
        self.projectors = projectors
        self.notices = notices
        self.unchecked = unchecked
    }

    /// Opens the read models of a store; sets aside and makes anew what is damaged, of another program
    /// or of another log.
    ///
    /// - Parameters:
    ///   - files: those that are open already, perhaps since before the lock was taken.
    ///   - policy: which earlier copies of the models are kept.
    ///   - isParallel: whether the models are written by a thread each.
    /// - Throws: `damaged` when a read model knows events that the log does not have: that proves that
    ///   acknowledged events are missing, and no rebuild may hide it.
    static func open(
        in store: StoreDirectory, files: [ReadModelFile], reader: LogReader,
        policy: CheckpointPolicy = CheckpointPolicy(), board: PositionBoard? = nil,
        isParallel: Bool = true
    ) throws(DaybookError) -> ReadModelSet {
        do {
            try FileManager.default.createDirectory(
                atPath: store.readModels, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            var replacement = ReadModelReplacement(
                reader: reader, store: store, isParallel: isParallel)
            var usable: [ReadModelName: ReadModelFile] = [:]
            var unchecked: [(name: ReadModelName, path: String)] = []
            for name in ReadModelName.allCases {
                let open = files.first { $0.name == name }
                let isLarge =
                    isParallel && (open?.byteCount ?? 0) > byteCountToCheckAtStart
                    && !ReadModelSuspicion(of: store.path(of: name)).isRaised
                if isLarge { unchecked.append((name, store.path(of: name))) }
                let file = try openFile(
                    name, store.path(of: name), open, reader, checksPages: !isLarge, &replacement)
                usable[name] = file
                let copies = CheckpointFiles(name, besides: store.readModels, policy: policy)
                if replacement.replaces(name) || file?.checkpoint.position == .start {
                    // Copies of a file that is gone may be as wrong as it was.
                    try copies.removeAll()
                }
            }
            for file in try replacement.run() { usable[file.name] = file }
            let notices = replacement.notices
            let projectors = try ReadModelName.allCases.compactMap { name in
                try usable[name].map { try name.makeProjector(file: $0) }
            }
            return ReadModelSet(
                reader: reader, projectors: projectors, in: store, policy: policy, board: board,
                isParallel: isParallel, notices: notices, unchecked: unchecked)
        } catch {
            throw DaybookError(readModel: error)
        }
    }

    /// - Returns: `nil` when the file cannot be used and is to be replaced.
    private static func openFile(
        _ name: ReadModelName, _ path: String, _ open: ReadModelFile?, _ reader: LogReader,
        checksPages: Bool, _ replacement: inout ReadModelReplacement
    ) throws -> ReadModelFile? {
        let condition =
            open?.judge(against: reader.identity, checksPages: checksPages)
            ?? ReadModelFile.inspect(name, at: path, against: reader.identity)
        let reason: String
        switch condition {
        case .ready:
            if checksPages { try? ReadModelSuspicion(of: path).giveUp() }
            do {
                guard ReadModelPlace(path).isPlain else {
                    return try open ?? ReadModelFile.open(name, at: path)
                }
                // From before there were links. Under the store's lock nobody else projects into it.
                try open?.close()
                try ReadModelPlace(path).adoptPlainFile()
                return try ReadModelFile.open(name, at: path)
            } catch let error as ReadModelError where error.code == .damaged {
                reason = "is damaged (\(error.message))"
            }
        case .missing:
            if reader.head.position > .start {
                replacement.note("\(path) is not there; it is built anew from the log")
            }
            return try ReadModelFile.create(name, in: ReadModelPlace(path), logID: reader.logID)
        case .ahead where PlantedBug.readModelAheadIgnored.isPlanted: reason = "is ahead"
        case .ahead(let checkpoint, let head):
            throw DaybookError(
                .damaged,
                "the read model \(path) knows position \(checkpoint.position), but the log ends at "
                    + "\(head): acknowledged events are missing; nothing was changed. Restore the "
                    + "log from its newest backup, or see `daybook repair --dry-run`")
        case .unavailable(let why):
            // Neither used nor replaced: it may be sound, and the next start looks again.
            try open?.close()
            replacement.note("\(path) cannot be used now (\(why)); its read model stays behind")
            return nil
        case .damaged(let why): reason = "is damaged (\(why))"
        case .otherSchema(let why):
            try open?.close()
            replacement.add(
                name, at: path, because: "is of another program (\(why))", as: "outdated")
            return nil
        case .otherLog where PlantedBug.foreignReadModelTrusted.isPlanted:
            return try open ?? ReadModelFile.open(name, at: path)
        case .otherLog(let found) where found.logID == reader.logID:
            reason = "was filled with events that are not in the log any more"
        case .otherLog(let found): reason = "belongs to another log (\(found.logID))"
        }
        try open?.close()
        replacement.add(name, at: path, because: reason, as: "damaged")
        return nil
    }

    /// Up to where every model that is not stopped has come; the head when all are.
    var position: LogPosition {
        projectors.filter { $0.file.stop == nil }.map(\.file.checkpoint.position).min()
            ?? reader.head.position
    }

    /// The models that stand still, with why.
    var stops: [(name: ReadModelName, stop: ProjectionStop)] {
        projectors.compactMap { projector in
            projector.file.stop.map { (projector.file.name, $0) }
        }
    }

    /// Projects everything that is durable and not yet in the rows, into the files that the names mean now:
    /// a rebuild may have put new ones there.
    func catchUp() throws(DaybookError) {
        do {
            for attempt in 1... {
                var failures = try reopen { $0.file.wasExchanged }
                guard position < reader.head.position else {
                    if let failure = failures.values.first { throw failure }
                    return
                }
                do {
                    try ReadModelSet.feed(
                        reader, from: position.advanced(by: 1), inParallel: isParallel
                    ) { run, checkpoint in
                        try project(run, checkpoint, &failures)
                        return projectors.contains { projector in
                            failures[projector.file.name] == nil
                                && projector.file.checkpoint.position < reader.head.position
                        }
                    }
                    if let failure = failures.values.first { throw failure }
                    return
                } catch let error as ReadModelError
                    where error.code == .outpaced && attempt < ReadModelSet.patience
                {
                    // A rebuild brings up the file that it has just put there, as we do.
                    try reopen { _ in true }
                }
            }
        } catch {
            throw DaybookError(readModel: error)
        }
    }

    private static let patience = 8

    /// - Returns: the models whose new files this program cannot use, with why; they go on in the old ones.
    @discardableResult
    private func reopen(
        _ isWanted: (any Projector) -> Bool
    ) throws -> [ReadModelName: any Error] {
        var failures: [ReadModelName: any Error] = [:]
        for index in projectors.indices where isWanted(projectors[index]) {
            let name = projectors[index].file.name
            do {
                // The old one is closed last: until there is a new one, it is what there is.
                let file = try ReadModelFile.open(name, at: store.path(of: name))
                let old = projectors[index]
                projectors[index] = try name.makeProjector(file: file)
                keepers[name]?.lookAgain()
                try old.close()
            } catch {
                failures[name] = error
            }
        }
        return failures
    }

    /// One run through all projectors at once; each is confined to one of the threads.
    ///
    /// - Parameter failures: a model that fails (its disk is full, say) is added and left out from then
    ///   on; it holds up no other.
    /// - Throws: ``ReadModelError`` `.outpaced`: the files must be opened anew.
    private func project(
        _ run: [FactBatch], _ checkpoint: Checkpoint,
        _ failures: inout [ReadModelName: any Error]
    ) throws {
        let working = projectors.filter {
            $0.file.stop == nil && failures[$0.file.name] == nil
                && $0.file.checkpoint.batchNumber < checkpoint.batchNumber
        }
        let found = Mutex<[ReadModelName: any Error]>([:])
        let reader = reader
        // Commands go first while cores are short: the models have everything as soon as otherwise.
        try working.map { Confined($0) }.forEachConfined(
            inParallel: isParallel, named: { $0.file.name.rawValue }, .behindCommands
        ) { projector in
            do {
                try ReadModelSet.project(run, checkpoint, with: projector, reader)
            } catch {
                found.withLock { $0[projector.file.name] = error }
            }
        }
        for (name, failure) in found.withLock({ $0 }) {
            if let error = failure as? ReadModelError, error.code == .outpaced { throw error }
            failures[name] = failure
        }
        for projector in projectors {
            keepers[projector.file.name]?.keepIfDue(projector.file, head: reader.head.position)
            board?.publish(projector.file.name, at: projector.file.checkpoint.position)
        }
    }

    /// Tries parked events again.
    ///
    /// - Returns: `nil` when nothing is parked at the position.
    func retryParked(
        of name: ReadModelName, at position: LogPosition?
    ) throws(DaybookError) -> RetryResult? {
        do {
            let projector = projectors.first { $0.file.name == name }
            let first = try projector?.file.parkedEvents().map(\.fact.position).min()
            let result = try projector?.retryParked(at: position)
            // Copies behind an event that is taken now still have it parked.
            if let first, (result?.applied ?? 0) > 0 { keepers[name]?.forget(from: first) }
            return result
        } catch {
            throw DaybookError(readModel: error)
        }
    }

    /// A model in which too much is parked stops right before the batch with which it became too much;
    /// the other models and the log go on.
    static func project(
        _ run: [FactBatch], _ checkpoint: Checkpoint, with projector: any Projector,
        _ reader: LogReader
    ) throws {
        do {
            try projector.project(run, checkpoint: checkpoint)
        } catch let error as ProjectionError {
            let sound = run.prefix { $0.lastPosition < error.position }
            if let last = sound.last {
                try projector.project(Array(sound), checkpoint: try reader.checkpoint(after: last))
            }
            try projector.file.stop(error.stop)
        }
    }

    func close() throws(DaybookError) {
        do {
            // While a copy holds a moment of the file, its write-ahead log could not be folded in.
            for name in keepers.keys { keepers[name]?.finish() }
            // Side by side: each folds its log in.
            try projectors.map { Confined($0) }.forEachConfined(
                inParallel: isParallel, named: { $0.file.name.rawValue }
            ) { try $0.close() }
        } catch {
            throw DaybookError(readModel: error)
        }
    }

}

extension StoreDirectory {
    package func path(of name: ReadModelName) -> String { readModels + "/" + name.fileName }
}

extension DaybookError {
    /// Wraps what projecting throws.
    init(readModel error: any Error) {
        switch error {
        case let error as DaybookError: self = error
        case let error as EventLogError: self.init(log: error)
        case let error as ReadModelError:
            self.init(error.code == .full ? .noSpace : .readModel, error.description)
        default: self.init(.readModel, "\(error)")
        }
    }
}
