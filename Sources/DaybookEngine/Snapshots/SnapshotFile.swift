import DaybookCore
import DaybookLog

/// Keeps the newest snapshot of a store in one file, replaced as a whole.
struct SnapshotFile: Sendable {
    /// Opens the folder, for writing after making it unless it is there.
    private let folder: @Sendable (_ forWriting: Bool) throws -> any Storage

    private static let name = "state.snapshot"
    private static let partialName = "state.snapshot.part"

    init(directory: String) {
        folder = { try FileStorage(path: directory, readOnly: !$0, creating: true) }
    }

    init(storage: any Storage) {
        folder = { _ in storage }
    }

    /// The snapshot, if there is an intact one.
    func read() -> Snapshot? { bytes().flatMap { Snapshot(decoding: $0) } }

    /// The same, to compare a state with it.
    func readStored() -> StoredSnapshot? { bytes().flatMap { StoredSnapshot($0) } }

    private func bytes() -> [UInt8]? {
        // Unreadable means not there: the log is folded instead.
        guard let file = try? folder(false).open(SnapshotFile.name, .read) else { return nil }
        defer { file.close() }
        guard let count = try? file.byteCount() else { return nil }
        return try? file.bytes(at: 0, count: Int(clamping: count))
    }

    /// Replaces the snapshot; on an error the old one stays.
    func write(_ snapshot: Snapshot) throws {
        let folder = try folder(true)
        let file = try folder.open(SnapshotFile.partialName, .replace)
        defer { file.close() }
        try file.writeAll(snapshot.encoded(), at: 0)
        // Written beside and renamed. It need not be synced: a torn one fails its hash.
        try folder.rename(SnapshotFile.partialName, to: SnapshotFile.name)
    }
}
