import DaybookCore
import DaybookLog
import DaybookProjections
import Foundation

/// Another build of `daybook`, which says what it makes of the same log.
package struct OtherProgram: Sendable {
    package let path: String
    package let directory: String

    /// - Parameters:
    ///   - path: the executable.
    ///   - directory: the store.
    package init(path: String, directory: String) {
        self.path = path
        self.directory = directory
    }

    /// The model as the other program builds it, up to a position.
    ///
    /// - Parameter base: an earlier model that the other program has built; `nil`: from the first event.
    /// - Throws: ``DaybookError`` `readModel` with what the program said.
    func build(
        _ name: ReadModelName, at position: LogPosition, from base: String?, in folder: String
    ) throws -> ReadModelSnapshot {
        let file = "\(folder)/\(name).\(position).other"
        try? FileManager.default.removeItem(atPath: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            ["projection", "build", name.rawValue, file, "--as-of", position.description]
            + ["--from", base ?? "nothing", "--store", directory, "--json"]
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw DaybookError(.io, "\(path) cannot be run: \(error.localizedDescription)")
        }
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw DaybookError(
                .readModel,
                "\(path) did not build '\(name)' as of position \(position) (exit code "
                    + "\(process.terminationStatus)): \(String(decoding: said, as: UTF8.self))")
        }
        return try ReadModelSnapshot(of: name, at: file, isStill: true)
    }
}

/// Finds the batch at which two programs part, by building with both at places in between.
struct BuildBisection {
    let comparison: ProjectionComparison
    let program: OtherProgram
    let folder: String

    func find(through end: LogPosition) throws -> ProjectionComparison.Parting {
        var equal = LogPosition.start
        var different = end
        var bases: (ours: String?, theirs: String?)
        var probes = 1
        while let middle = try between(equal, different) {
            probes += 1
            let theirs = try program.build(
                comparison.name, at: middle, from: bases.theirs, in: folder)
            let ours = try build(at: middle, from: bases.ours)
            if try theirs.digests() == ours.digests() {
                equal = middle
                bases = (ours.path, theirs.path)
            } else {
                different = middle
            }
        }
        let theirs = try program.build(
            comparison.name, at: different, from: bases.theirs, in: folder)
        let ours = try build(at: different, from: bases.ours)
        let rows = try theirs.differences(
            from: ours,
            in: comparison.differingTables(theirs, ours).compactMap(
                comparison.name.schema.table),
            limit: ProjectionComparison.rowLimit)
        // One batch is left; which of its events it was, the rows tell.
        var parting = try PartingTrace(comparison: comparison, folder: folder).find(
            rows,
            from: bases.ours.map {
                try ReadModelSnapshot(of: comparison.name, at: $0, isStill: true)
            },
            through: different, probes: probes)
        if parting.event == nil || different == equal.advanced(by: 1) {
            parting.event = equal.advanced(by: 1)
            parting.type = try comparison.type(at: equal.advanced(by: 1))
        }
        // Both programs took everything before this batch alike, and this batch differently.
        parting.isExact = true
        return parting
    }

    /// The end of a batch about halfway; `nil` when only one batch is left.
    private func between(
        _ equal: LogPosition, _ different: LogPosition
    ) throws -> LogPosition? {
        let middle = LogPosition(
            rawValue: equal.rawValue + (different.rawValue - equal.rawValue) / 2)
        guard let end = try comparison.reader.position(asOf: .position(middle)) else { return nil }
        if end > equal { return end }
        guard let next = try comparison.reader.batch(containing: equal.advanced(by: 1)),
            next.lastPosition < different
        else { return nil }
        return next.lastPosition
    }

    private func build(at position: LogPosition, from base: String?) throws -> ReadModelSnapshot {
        let path = "\(folder)/\(comparison.name).\(position).ours"
        try? FileManager.default.removeItem(atPath: path)
        try PastModels.build(
            comparison.name, at: position, from: comparison.reader, in: comparison.store,
            to: path, startingWith: base.map { .file($0) } ?? .nothing)
        return try ReadModelSnapshot(of: comparison.name, at: path, isStill: true)
    }
}
