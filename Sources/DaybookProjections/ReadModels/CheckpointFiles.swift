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
    }

    /// - Parameters:
    ///   - readModels: the folder of the live files.
    ///   - isStaged: those of a rebuild, until it is published.
    package init(
        _ name: ReadModelName, besides readModels: String, policy: CheckpointPolicy,
        staged isStaged: Bool = false
    ) {
        self.name = name
        folder = readModels + (isStaged ? "/checkpoints.rebuild" : "/checkpoints")
        self.policy = policy
    }

    /// What is kept, by ascending position.
    package func kept() throws -> [Kept] {
        try FileSystem.names(in: folder).compactMap { file in
            guard file.hasPrefix(name.rawValue + "."), file.hasSuffix(".sqlite"),
                let position = UInt64(file.dropFirst(name.rawValue.count + 1).dropLast(7))
            else { return nil }
            return Kept(position: LogPosition(rawValue: position), path: folder + "/" + file)
        }.sorted { $0.position < $1.position }
    }

    /// Bytes on disk.
    package func byteCount() throws -> UInt64 {
        try kept().reduce(0) { $0 + FileSystem.byteCount(of: $1.path) }
    }

    /// Keeps a copy when the policy asks for one here, and lets go of those that it no longer asks for.
    ///
    /// - Parameter copy: writes the model, as it stands at the position, to the path.
    package func keep(at position: LogPosition, copy: (String) throws -> Void) throws {
        guard policy.isDue(at: position, afterOneAt: try kept().last?.position) else { return }
        try add(at: position, copy: copy)
        try prune(atHead: position)
    }

    /// Keeps a copy, wherever it is.
    package func add(at position: LogPosition, copy: (String) throws -> Void) throws {
        try FileSystem.makeFolder(folder)
        let path = path(at: position)
        let unfinished = path + ".new"
        try FileSystem.remove(unfinished)
        try FileSystem.remove(unfinished + "-journal")
        try copy(unfinished)
        try FileSystem.rename(unfinished, to: path)
    }

    private func prune(atHead head: LogPosition) throws {
        let all = try kept()
        let wanted = policy.kept(of: all.map(\.position), atHead: head)
        for file in all where !wanted.contains(file.position) {
            try FileSystem.remove(file.path)
        }
    }

    /// Forgets every copy.
    package func removeAll() throws {
        for file in try kept() { try FileSystem.remove(file.path) }
    }

    /// Takes over the copies that were kept elsewhere, in place of its own.
    package func replace(by staged: CheckpointFiles) throws {
        try removeAll()
        try FileSystem.makeFolder(folder)
        for file in try staged.kept() {
            try FileSystem.rename(file.path, to: path(at: file.position))
        }
    }

    private func path(at position: LogPosition) -> String {
        let digits = String(position.rawValue)
        let padding = String(repeating: "0", count: 20 - digits.count)
        return "\(folder)/\(name.rawValue).\(padding)\(digits).sqlite"
    }
}
