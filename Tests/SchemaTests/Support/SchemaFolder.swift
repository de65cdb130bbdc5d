import Foundation

/// The files of `Schemas/`, found from this file's own place.
enum SchemaFolder {
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let url = repository.appending(path: "Schemas")

    static func bytes(of path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appending(path: path)))
    }

    static func text(of path: String) throws -> String {
        try String(contentsOf: url.appending(path: path), encoding: .utf8)
    }

    /// Paths of all files below the folder, relative to it, in order.
    static func files(below path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: url.appending(path: path).path)
            .filter { $0.contains(".") }
            .sorted()
    }

    /// Writes a golden file that is not there yet; one that is there stays as it is.
    static func record(_ bytes: [UInt8], at path: String) throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard !FileManager.default.fileExists(atPath: file.path) else { return }
        try Data(bytes).write(to: file)
    }
}

/// What a program printed.
struct ToolOutput {
    var status: Int32
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a program of the system; its streams go through files, so that no pipe can fill up.
func run(_ arguments: [String], input: [UInt8] = []) throws -> ToolOutput {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "daybook-schema-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    try Data(input).write(to: files[0])
    try Data().write(to: files[1])
    try Data().write(to: files[2])
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = SchemaFolder.repository
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return ToolOutput(
        status: process.terminationStatus, output: Array(try Data(contentsOf: files[1])),
        errors: try String(contentsOf: files[2], encoding: .utf8))
}

/// Runs protoc on one message, with the committed descriptor set as its only schema.
func protoc(_ direction: String, _ fullName: String, input: [UInt8]) throws -> ToolOutput {
    try run(
        [
            "protoc", "--descriptor_set_in=\(SchemaFolder.url.path)/generated/descriptors.binpb",
            "--\(direction)=\(fullName)",
        ], input: input)
}
