import Foundation

/// The folder `Schemas/log/vectors/v1`, found from this file's own place.
enum VectorFolder {
    static let url = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Schemas/log/vectors/v1")

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appending(path: path)))
    }

    /// Paths of all files, relative to the folder, in order.
    static func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: url.path)
            .filter { path in
                var isFolder: ObjCBool = false
                let exists = FileManager.default.fileExists(
                    atPath: url.appending(path: path).path, isDirectory: &isFolder)
                return exists && !isFolder.boolValue
            }
            .sorted()
    }

    /// Writes a vector that is not there yet; one that is there stays as it is.
    static func record(_ bytes: [UInt8], at path: String) throws {
        let file = url.appending(path: path)
        guard !FileManager.default.fileExists(atPath: file.path) else { return }
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// Indented JSON with sorted keys, so that the same content is the same text.
    static func text(_ json: [String: Any]) throws -> String {
        let data = try JSONSerialization.data(
            withJSONObject: json, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    static func json(_ path: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(try bytes(path)))
        return object as? [String: Any] ?? [:]
    }
}
