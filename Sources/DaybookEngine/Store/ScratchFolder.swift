import DaybookProjections
import Foundation

/// A folder of its own for the time of some work: two that work at once, in one process or in several,
/// never meet.
struct ScratchFolder: ~Copyable {
    let path: String

    /// - Parameter parent: the folder that it is made in; `nil`: the system's for temporary files.
    init(in parent: String? = nil) throws {
        path =
            (parent ?? FileManager.default.temporaryDirectory.path)
            + "/daybook-\(ProcessInfo.processInfo.globallyUniqueString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // Best effort: what is left is for the system's own cleaning.
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(of name: ReadModelName) -> String { path + "/" + name.fileName }
}
