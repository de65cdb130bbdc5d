internal import Foundation

/// A failing case as a file.
struct RecordedFailure: Codable, Hashable {
    var property: String
    var seed: UInt64
    var choices: [UInt64]
    /// For people; not read back.
    var message: String
    /// For people; not read back.
    var counterexample: String
}

/// The failing cases of the past, one file each, which run first.
struct FailureCorpus {
    let folder: String

    /// The recorded cases of a property, sorted by file name.
    ///
    /// - Throws: when a file cannot be read or is not a recorded case: it must be repaired or deleted.
    func failures(of property: String) throws -> [(file: String, failure: RecordedFailure)] {
        let folder = self.folder + "/" + FailureCorpus.slug(property)
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".json") }.sorted().map { name in
                let file = folder + "/" + name
                let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
                do {
                    return (file, try JSONDecoder().decode(RecordedFailure.self, from: bytes))
                } catch {
                    throw CorpusError(file: file, reason: "\(error)")
                }
            }
    }

    /// Writes a case, named after its choices, so that the same case is one file.
    func record(_ failure: RecordedFailure) throws -> String {
        let folder = self.folder + "/" + FailureCorpus.slug(failure.property)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let hash = stableHash("\(failure.choices)".utf8)
        let file = folder + "/" + String(hash, radix: 16) + ".json"
        try encoder.encode(failure).write(to: URL(fileURLWithPath: file), options: .atomic)
        return file
    }

    /// The name with everything but ASCII letters and digits replaced, and a hash of it.
    private static func slug(_ name: String) -> String {
        let letters = name.unicodeScalars.prefix(60).map { scalar in
            scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                ? String(scalar) : "-"
        }
        return letters.joined() + "-" + String(stableHash(name.utf8) & 0xFFFF, radix: 16)
    }
}

/// A file of the corpus that cannot be used.
struct CorpusError: Error, CustomStringConvertible {
    var file: String
    var reason: String

    var description: String { "\(file) is not a recorded case; repair or delete it: \(reason)" }
}
