internal import DaybookCore
internal import DaybookLog
internal import Glibc
internal import Synchronization

/// The process that is killed: appends from several tasks at once and says of every append, after
/// its acknowledgement, what was acknowledged.
///
/// Lines: `opening`, `open HEAD EPOCH`, `a KEY FIRST LAST AFTER` (acknowledged; `AFTER` is the
/// position that its condition looked behind, or `-`), `c` (a conflict), `f KEY CODE` (refused or
/// failed), `closed`.
package struct LoadWorker: Sendable {
    package var log: WorkerLog
    /// Names this run, so that no other run uses the same keys.
    package var run: String
    package var taskCount = 6
    /// Keys of earlier runs that are sent once more.
    package var repeatedKeys: [String] = []
    /// Leaves a process behind that outlives this one.
    package var leavesChild = false

    private static let isStopRequested = Atomic<Bool>(false)
    /// Event count and payload bytes, in turn; the last one has a frame of its own.
    private static let shapes = [
        (1, 120), (2, 300), (1, 40), (4, 90), (1, 900), (3, 300), (1, 300), (12, 60), (1, 4_000),
        (2, 120), (1, 9_000),
    ]

    package init(log: WorkerLog, run: String) {
        self.log = log
        self.run = run
    }

    /// The batch that a task sends as its `number`th.
    package static func batch(run: String, task: Int, number: Int) -> KeyedBatch {
        // The first two tasks share a tag, so that their conditions meet.
        let subject = task < 2 ? "\(run)s.\(task)-\(number)" : "\(run)t\(task).\(number)"
        let shape = shapes[(number + 3 * task) % shapes.count]
        return KeyedBatch(name: subject, eventCount: shape.0, payloadByteCount: shape.1)
    }

    /// Runs until the process is killed, or asked to stop by `SIGTERM`.
    ///
    /// - Returns: whether the log was closed in good order.
    package func run() async -> Bool {
        let output = LineOutput()
        LoadWorker.isStopRequested.store(false, ordering: .relaxed)
        signal(SIGTERM) { _ in LoadWorker.isStopRequested.store(true, ordering: .relaxed) }
        output.write("opening")
        do {
            let log = try log.open()
            output.write("open \(log.head) \(log.recovery.writerEpoch)")
            if leavesChild { try Subprocess.leaveBehind("/bin/sleep", ["1"]) }
            for key in repeatedKeys {
                guard let batch = KeyedBatch(key: key) else { continue }
                await send(batch, when: nil, to: log, output)
            }
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<taskCount {
                    group.addTask { await load(log, task: task, output) }
                }
            }
            try await log.close()
            output.write("closed")
            return true
        } catch {
            output.write("f - \(error)")
            return false
        }
    }

    private func load(_ log: EventLog, task: Int, _ output: LineOutput) async {
        var number = 0
        var last = log.head
        while !LoadWorker.isStopRequested.load(ordering: .relaxed) {
            let batch = LoadWorker.batch(run: run, task: task, number: number)
            var condition: AppendCondition?
            if task < 2 {
                condition = .nothingMatches(.tag(batch.tag), after: log.head)
            } else if task == 2 {
                condition = .nothingMatches(.tag(batch.tag), after: last)
            }
            switch await send(batch, when: condition, to: log, output) {
            case .appended(let positions):
                last = positions.upperBound
                number += 1
            case .conflict: continue
            case nil: return
            }
        }
    }

    /// - Returns: `nil` when the log did not take it.
    @discardableResult
    private func send(
        _ batch: KeyedBatch, when condition: AppendCondition?, to log: EventLog,
        _ output: LineOutput
    ) async -> AppendResult? {
        do {
            let result = try await log.append(batch.proposed(at: WallClock.now()), when: condition)
            switch result {
            case .appended(let positions):
                let after = condition?.after.map { "\($0)" } ?? "-"
                output.write(
                    "a \(batch.key) \(positions.lowerBound) \(positions.upperBound) \(after)")
            case .conflict: output.write("c")
            }
            return result
        } catch {
            output.write("f \(batch.key) \(error)")
            return nil
        }
    }
}
