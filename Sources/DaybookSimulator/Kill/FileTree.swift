internal import Foundation

/// Removes a directory and what is in it; one that is not there is as good.
package func removeTree(_ path: String) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        // Left-over test data; the run's result does not depend on it.
        FileHandle.standardError.write(Data("cannot remove \(path): \(error)\n".utf8))
    }
}

/// Copies a directory.
func copyTree(_ path: String, to target: String) throws {
    removeTree(target)
    try FileManager.default.copyItem(atPath: path, toPath: target)
}

/// Makes a directory of its own for one run.
package func makeTemporaryDirectory(in parent: String, prefix: String) throws -> String {
    let path = "\(parent)/\(prefix)-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}
