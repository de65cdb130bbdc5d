import Foundation

/// Recorded runs as files.
extension LogScenario {
    /// - Throws: when the file cannot be read or is not a recorded run.
    package init(file: String) throws {
        self = try JSONDecoder().decode(
            LogScenario.self, from: try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    package func write(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        try encoder.encode(self).write(to: URL(fileURLWithPath: file))
    }

    /// The recorded runs in a folder, sorted; none when there is no such folder.
    package static func files(in folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
    }
}
