import DaybookCore
import DaybookProjections

/// Keeps copies of one read model as its projector goes on, and beside it: a copy of a gigabyte takes
/// seconds, and the model must not fall behind for as long.
///
/// Confined to whoever projects.
struct CheckpointKeeper {
    private let files: CheckpointFiles
    private let isParallel: Bool
    private let foldedBeyond: Int
    /// The newest that is kept or being made; looked up once, because asking the disk at every run would
    /// cost more than projecting a small one.
    private var last: LogPosition??
    private var copying: WorkAside<Void>?
    /// Whether nobody wants any more what is being copied.
    private var isGivenUp = Flag()
    /// Raised once the projector is to fold the write-ahead log in again; `nil`: it does.
    private var isFolded: Flag?

    /// - Parameters:
    ///   - isParallel: whether copies are made on a thread of their own.
    ///   - foldedBeyond: the bytes of a write-ahead log that is folded in behind a copy.
    init(
        _ files: CheckpointFiles, isParallel: Bool,
        foldedBeyond: Int = WriteAheadLog.keptByteCount
    ) {
        self.foldedBeyond = foldedBeyond
        self.files = files
        self.isParallel = isParallel
    }

    /// Somebody else may have kept or removed some.
    mutating func lookAgain() { last = nil }

    /// Forgets copies that say what is not so any more, also one that is being made.
    mutating func forget(from position: LogPosition) {
        isGivenUp.raise()
        finish()
        // One that stays is replaced by the next rebuild.
        try? files.removeAll(from: position)
        lookAgain()
    }

    /// Waits for the copy that is being made.
    mutating func finish() { try? copying.take()?.wait() }

    /// Lets go of what a killed process left and of what the setting no longer asks for. Beside the projector,
    /// too: the system takes seconds to let go of gigabytes. That some stay does no harm.
    private mutating func prune(atHead head: LogPosition) {
        if let copying {
            guard copying.isDone else { return }
            finish()
        }
        let files = files
        let prune = { @Sendable in try files.prune(atHead: head) }
        if isParallel {
            copying = WorkAside("copy", .last, prune)
        } else {
            try? prune()
        }
    }

    /// Keeps a copy of the file as it stands, when the policy asks for one there. While one is being made no
    /// other is begun; the next run asks again.
    ///
    /// - Parameter head: how far the log is known to go.
    ///
    /// A copy that cannot be made (a full disk) is left out: it makes questions about the past faster,
    /// and nothing else depends on it.
    mutating func keepIfDue(_ file: ReadModelFile, head: LogPosition) {
        takeLogBack(file)
        guard file.mode == .live, file.stop == nil else { return }
        let position = file.checkpoint.position
        let isFirstLook = last == nil
        let known = last ?? .some(try? files.kept().last?.position)
        last = known
        guard files.policy.isDue(at: position, afterOneAt: known ?? nil, head: head) else {
            // Whoever keeps one does so himself.
            if isFirstLook { prune(atHead: position) }
            return
        }
        if let copying {
            guard copying.isDone else { return }
            finish()
        }
        // The connection holds this moment; what is projected next goes behind it in the write-ahead log.
        guard let moment = try? ReadModelSnapshot(of: file.name, at: file.path),
            moment.checkpoint == file.checkpoint
        else { return }
        last = .some(position)
        // The log cannot begin anew meanwhile: the projector would fold all that has gathered in one go.
        file.leaveLogToOther(true)
        let files = files
        let byteCount = foldedBeyond
        let isGivenUp = Flag()
        self.isGivenUp = isGivenUp
        let isFolded = Flag()
        self.isFolded = isFolded
        let keep = { @Sendable in
            defer {
                // Also of a copy that failed nobody reads the moment any more.
                try? moment.end(foldingLogBeyond: .max)
                isFolded.raise()
            }
            try files.keep(at: position, head: head) { path in
                try moment.copy(to: path) { !isGivenUp.isRaised }
                // The hash takes as long again. What is not folded in here the projector folds in.
                if !isGivenUp.isRaised { try? moment.end(foldingLogBeyond: byteCount) }
                isFolded.raise()
            } confirming: {
                // A rebuild may have replaced the file and all its copies meanwhile.
                guard !moment.wasExchanged else {
                    throw DaybookError(.readModel, "\(moment.path) was replaced")
                }
            }
        }
        if isParallel {
            copying = WorkAside("copy", .last, keep)
        } else {
            try? keep()
            takeLogBack(file)
        }
    }

    /// Lets the projector fold its log in again, once the copy's thread has.
    private mutating func takeLogBack(_ file: ReadModelFile) {
        guard isFolded?.isRaised == true else { return }
        file.leaveLogToOther(false)
        isFolded = nil
    }
}
