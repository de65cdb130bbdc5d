import DaybookCore
import Foundation

/// Keeps the newest snapshot of a store in one file, replaced as a whole.
struct SnapshotFile: Sendable {
    let directory: String

    private var path: String { directory + "/state.snapshot" }

    /// The snapshot, if there is an intact one.
    func read() -> Snapshot? {
        // Unreadable means not there: the log is folded instead.
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return Snapshot(decoding: Array(data))
    }

    /// Replaces the snapshot; on an error the old one stays.
    func write(_ snapshot: Snapshot) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        // Atomic: written beside and renamed. It need not be synced: a torn one fails its hash.
        try Data(snapshot.encoded()).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Forgets the snapshot.
    func discard() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
