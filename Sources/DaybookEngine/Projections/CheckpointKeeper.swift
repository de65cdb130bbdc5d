import DaybookCore
import DaybookProjections

/// Keeps copies of one read model as its projector goes on.
struct CheckpointKeeper {
    private let files: CheckpointFiles
    /// The newest that is kept; looked up once, because asking the disk at every run would cost more than
    /// projecting a small one.
    private var last: LogPosition??

    init(_ files: CheckpointFiles) {
        self.files = files
    }

    /// Somebody else may have kept or removed some.
    mutating func lookAgain() { last = nil }

    /// Forgets copies that say what is not so any more.
    mutating func forget(from position: LogPosition) {
        // One that stays is replaced by the next rebuild.
        try? files.removeAll(from: position)
        lookAgain()
    }

    /// Keeps a copy of the file, when the policy asks for one where it stands.
    ///
    /// - Parameter head: how far the log is known to go.
    ///
    /// A copy that cannot be made (a full disk) is left out: it makes questions about the past faster,
    /// and nothing else depends on it.
    mutating func keepIfDue(_ file: ReadModelFile, head: LogPosition) {
        guard file.mode == .live, file.stop == nil else { return }
        let known = last ?? .some(try? files.kept().last?.position)
        last = known
        let position = file.checkpoint.position
        guard files.policy.isDue(at: position, afterOneAt: known ?? nil, head: head),
            !file.wasExchanged
        else { return }
        try? files.keep(at: position, head: head) { path in
            try file.copy(to: path)
            // A rebuild may have replaced the file and all its copies meanwhile.
            guard !file.wasExchanged else {
                throw DaybookError(.readModel, "\(file.path) was replaced")
            }
        }
        last = .some(position)
    }
}
