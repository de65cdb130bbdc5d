internal import DaybookCore
internal import DaybookEngine
package import DaybookLog
internal import Glibc

/// How long opening takes when a process was killed with a nearly full active segment.
package enum RecoveryTiming {
    /// How the segment was filled.
    package enum Shape: String, CaseIterable, Sendable {
        /// Groups of 1 to 48 batches, as concurrent clients make them.
        case groups
        /// One batch a frame, as a single client makes them: the most frames.
        case single
    }

    /// What the openings took.
    package struct Measured: Sendable {
        package var microseconds: [Int64] = []
        /// Of all threads together.
        package var processorMicroseconds: [Int64] = []
        package var frameCount: UInt64 = 0
    }

    /// The bar of LOG.md section 10.
    package static let limitMilliseconds = 300.0
    private static let segmentByteCount = 64 << 20
    private static let nearlyFullByteCount: UInt64 = 62 << 20

    /// The worker: fills one segment, says `filled`, and waits to be killed.
    ///
    /// It uses the two halves of the writer as `EventLog` does, so that the groups are as wanted.
    package static func fill(_ directory: String, _ shape: Shape) throws(EventLogError) {
        let log = WorkerLog(
            directory: directory, firstSegmentByteCount: segmentByteCount,
            segmentByteCount: segmentByteCount)
        let opened = try LogDirectory.create(
            storage: FileStorage(path: directory, creating: true), options: log.options,
            hash: .sha256, clock: WallClock.now, newLogID: LogID(rawValue: 64), salt: .zero)
        var number = 0
        var used: UInt64 = 0
        while used < nearlyFullByteCount {
            for _ in 0..<(shape == .groups ? 1 + number % 48 : 1) {
                let batch = LoadWorker.batch(run: "f", task: 5, number: number)
                _ = try opened.writer.stage(batch.proposed(at: WallClock.now()))
                number += 1
            }
            if let group = opened.writer.closeGroup() { _ = try opened.committer.commit(group) }
            let statistics = opened.reader.statistics
            used = statistics.storedByteCount + statistics.frameCount * 132
        }
        LineOutput().write("filled")
        pause()
    }

    /// Fills a segment, kills the process, and opens copies of what it left.
    ///
    /// - Parameters:
    ///   - fast: where to fill; a file system in memory saves the time of a hundred thousand syncs.
    ///   - directory: where to open.
    package static func measure(
        program: String, fast: String, directory: String, _ shape: Shape, runCount: Int
    ) throws -> Measured {
        let filled = "\(fast)/filled-\(shape)"
        defer { removeTree(filled) }
        try fillAndKill(program, filled, shape)
        var measured = Measured()
        let copy = "\(directory)/opened-\(shape)"
        defer { removeTree(copy) }
        for _ in 0..<runCount {
            try copyTree(filled, to: copy)
            try syncFiles(in: copy)
            let start = WallClock.microseconds()
            let processorStart = WallClock.processorMicroseconds()
            let opened = try LogDirectory.open(
                storage: FileStorage(path: copy), hash: .sha256, clock: WallClock.now)
            measured.microseconds.append(WallClock.microseconds() - start)
            measured.processorMicroseconds.append(
                WallClock.processorMicroseconds() - processorStart)
            guard !opened.recovery.wasClean, opened.recovery.segmentCount == 1 else {
                throw Subprocess.Failure(description: "not what was to be measured")
            }
            measured.frameCount = opened.reader.statistics.frameCount
            try opened.committer.close()
        }
        return measured
    }

    private static func fillAndKill(_ program: String, _ directory: String, _ shape: Shape) throws {
        let worker = try Subprocess(
            program, ["kill-worker", directory, "--fill", shape.rawValue])
        let lines = worker.lines(until: WallClock.microseconds() + 180_000_000)
        worker.send(SIGKILL)
        let end = worker.reap()
        guard lines == ["filled"] else {
            throw Subprocess.Failure(description: "the filling worker: \(lines), \(end)")
        }
    }

    /// The bytes of a copy must not be written back on the time of the recovery.
    private static func syncFiles(in directory: String) throws {
        let storage = try FileStorage(path: directory)
        for name in try storage.list() { try storage.open(name, .read).syncAll() }
        try storage.syncDirectory(folder: nil)
    }
}
