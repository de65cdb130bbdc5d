public import DaybookCore
internal import DaybookEngine
public import DaybookLog
internal import DaybookSimulator

/// Begins a sentence about the bytes of a log: *given bytes, then report*.
///
/// - Parameter files: the files of a log's directory, by name.
public func given(log files: [String: [UInt8]]) -> GivenLog { GivenLog(files: files) }

/// The files of a log.
public struct GivenLog {
    let files: [String: [UInt8]]

    /// Every byte was checked, and this was found: `OK …` or findings, one a line, and `DAMAGED …`.
    ///
    /// - Throws: ``RequirementFailure`` with the caller's file and line and the difference.
    public func then(_ report: String, file: String = #fileID, line: Int = #line) throws {
        let actual = verification()
        guard actual != report else { return }
        throw RequirementFailure(
            "the log is not what was said\n\(Difference(expected: report, actual: actual))",
            file: file, line: line)
    }

    /// Every byte was checked and the report is as `body` demands.
    public func thenReport(_ body: (VerificationReport) throws -> Void) throws {
        try body(LogVerifier.verify(storage: disk(), hash: .sha256))
    }

    /// The log opens and holds these events; what no acknowledgement vouches for is cut off.
    public func thenEvents(_ body: ([RecordedEvent]) throws -> Void) throws {
        try body(try KitLog.open(on: disk()).reader.read(.all))
    }

    private func verification() -> String {
        do throws(EventLogError) {
            return try LogVerifier.verify(storage: disk(), hash: .sha256).description
        } catch {
            return "\(error)"
        }
    }

    private func disk() -> SimulatedDisk {
        let disk = SimulatedDisk()
        for (name, bytes) in files { disk.set(name, bytes) }
        return disk
    }
}

/// The files of a log that holds these batches, closed cleanly. Always the same bytes.
public func logFiles(of batches: [ProposedBatch]) throws -> [String: [UInt8]] {
    let disk = SimulatedDisk()
    let opened = try KitLog.create(on: disk)
    for batch in batches {
        _ = try opened.writer.stage(batch)
        if let group = opened.writer.closeGroup() { _ = try opened.committer.commit(group) }
    }
    try opened.committer.close()
    return Dictionary(disk.fileNames.map { ($0, disk.bytes($0)) }) { first, _ in first }
}
