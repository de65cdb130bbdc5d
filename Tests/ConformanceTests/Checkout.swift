import Foundation
import Testing

/// The files of this checkout, found from where this file lies.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The paths of all Swift files below a folder of the checkout, in order.
    static func swiftFiles(in folder: String) throws -> [String] {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let place = root.appendingPathComponent(folder).resolvingSymlinksInPath().path
        return try FileManager.default.subpathsOfDirectory(atPath: place)
            .filter { $0.hasSuffix(".swift") }.sorted().map { folder + "/" + $0 }
    }

    /// The source of each file below a folder, comments left out.
    static func code(in folder: String) throws -> [(path: String, lines: [Substring])] {
        try swiftFiles(in: folder).map { path in
            let lines = try text(path).split(separator: "\n", omittingEmptySubsequences: false)
            return (
                path,
                lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            )
        }
    }

    /// The modules that the files below a folder import.
    static func imports(in folder: String) throws -> Set<String> {
        var modules: Set<String> = []
        for file in try code(in: folder) {
            for line in file.lines {
                let words = line.split(separator: " ")
                guard words.count > 1, line.first != " ",
                    let keyword = words.firstIndex(of: "import"), keyword < 3,
                    let module = words.last?.split(separator: ".").first
                else { continue }
                modules.insert(String(module))
            }
        }
        return modules
    }
}
