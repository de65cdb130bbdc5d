package import DaybookCore

/// Copies of a read model at earlier positions, from which past moments are answered and differences
/// are found without replaying the whole log.
///
/// Disposable, like the read models themselves: one that is missing, damaged or of other tables is
/// passed over.
package struct CheckpointFiles: Sendable {
    package let name: ReadModelName
    /// `…/read-models/checkpoints`
    package let folder: String
    package let policy: CheckpointPolicy

    package struct Kept: Hashable, Sendable {
        package var position: LogPosition
        package var path: String
        /// Of its bytes when it was kept.
        var hash: String

        /// Whether the file is what was kept, bit for bit. Reads it once.
        package var isUnchanged: Bool {
            (try? FileSystem.hash(of: path).hexadecimal) == hash
        }
    }

    /// Stands before the hash in a name: which hash it is. Copies under another one are let go of.
    private static let hashMark = "h2_"

    /// - Parameters:
    ///   - readModels: the folder of the live files.
    ///   - policy: asked only where copies are kept or let go.
    ///   - isStaged: those of a rebuild, until it is published.
    package init(
        _ name: ReadModelName, besides readModels: String,
        policy: CheckpointPolicy = CheckpointPolicy(), staged isStaged: Bool = false
    ) {
        self.name = name
        folder = readModels + (isStaged ? "/checkpoints.rebuild" : "/checkpoints")
        self.policy = policy
    }

    /// What is kept, by ascending position.
    package func kept() throws -> [Kept] {
        try FileSystem.names(in: folder).compactMap { file in
            // <model>.<position>-<mark><hash>.sqlite
            guard file.hasPrefix(name.rawValue + "."), file.hasSuffix(".sqlite") else { return nil }
            let parts = file.dropFirst(name.rawValue.count + 1).dropLast(7).split(separator: "-")
            guard parts.count == 2, let position = UInt64(parts[0]),
                parts[1].hasPrefix(CheckpointFiles.hashMark)
            else { return nil }
            return Kept(
                position: LogPosition(rawValue: position), path: folder + "/" + file,
                hash: String(parts[1].dropFirst(CheckpointFiles.hashMark.count)))
        }.sorted { $0.position < $1.position }
    }

    /// Bytes on disk.
    package func byteCount() throws -> UInt64 {
        try kept().reduce(0) { $0 + FileSystem.byteCount(of: $1.path) }
    }

    /// Keeps a copy when the policy asks for one here, and lets go of those that it no longer asks for.
    ///
    /// - Parameters:
    ///   - head: how far the log is known to go.
    ///   - copy: writes the model, as it stands at the position, to the path.
    ///   - confirm: throws when the model has been replaced meanwhile; then nothing is kept.
    package func keep(
        at position: LogPosition, head: LogPosition, copy: (String) throws -> Void,
        confirming confirm: () throws -> Void = {}
    ) throws {
        let last = try kept().last?.position
        guard policy.isDue(at: position, afterOneAt: last, head: head) else { return }
        try add(at: position, copy: copy, confirming: confirm)
        try prune(atHead: position)
    }

    /// Keeps a copy, wherever it is; see ``keep(at:head:copy:confirming:)``.
    package func add(
        at position: LogPosition, copy: (String) throws -> Void,
        confirming confirm: () throws -> Void = {}
    ) throws {
        try FileSystem.makeFolder(folder)
        let unfinished = "\(folder)/\(name.rawValue).\(position).sqlite.new"
        try FileSystem.remove(unfinished)
        try FileSystem.remove(unfinished + "-journal")
        let digits = String(position.rawValue)
        let padding = String(repeating: "0", count: 20 - digits.count)
        var file = unfinished
        do {
            try copy(unfinished)
            let hash = try FileSystem.hash(of: unfinished).hexadecimal
            // Copying and hashing take long.
            try confirm()
            let kept =
                "\(folder)/\(name.rawValue).\(padding)\(digits)-"
                + "\(CheckpointFiles.hashMark)\(hash).sqlite"
            try FileSystem.rename(unfinished, to: kept)
            file = kept
            // Who replaces the model removes its copies afterwards: if not this one, then we see it here.
            try confirm()
        } catch {
            // What is not whole must not take the last space from what is.
            try? FileSystem.remove(file)
            throw error
        }
    }

    /// Lets go of the copies that the policy no longer asks for, and of unfinished ones.
    package func prune(atHead head: LogPosition) throws {
        let all = try kept()
        let wanted = policy.kept(of: all.map(\.position), atHead: head)
        for file in all where !wanted.contains(file.position) {
            try FileSystem.remove(file.path)
        }
        // What a killed process has not finished has no position that comes again, and what was named by
        // another hash is never believed.
        for file in try FileSystem.names(in: folder)
        where file.hasPrefix(name.rawValue + ".")
            && (file.contains(".sqlite.new")
                || file.hasSuffix(".sqlite") && !file.contains("-" + CheckpointFiles.hashMark))
        {
            try FileSystem.remove(folder + "/" + file)
        }
    }

    /// Forgets every copy from a position on.
    package func removeAll(from position: LogPosition = .start) throws {
        for file in try kept() where file.position >= position {
            try FileSystem.remove(file.path)
        }
    }

    /// Takes over the copies that were kept elsewhere, in place of its own.
    package func replace(by staged: CheckpointFiles) throws {
        try removeAll()
        try FileSystem.makeFolder(folder)
        for file in try staged.kept() {
            let name = file.path.split(separator: "/").last.map(String.init) ?? ""
            try FileSystem.rename(file.path, to: folder + "/" + name)
        }
    }
}
