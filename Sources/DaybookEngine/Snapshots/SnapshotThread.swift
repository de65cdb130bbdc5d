import DaybookCore
import DaybookLog
import Glibc
import Synchronization

/// The thread that writes snapshots beside the running store, so that a start after a kill has little to
/// fold.
///
/// The writer hands over its state as it is at the end of a group: one reference, of which the writer
/// copies what it changes while the snapshot is encoded. It does so only once the group is durable, so no
/// snapshot is ever ahead of its log. A snapshot that cannot be written is told in ``notice`` and harms
/// nothing else.
final class SnapshotThread: Sendable {
    private struct Job: Sendable {
        var snapshot: Snapshot
        var tell: @Sendable (KeyNews) -> Void
    }

    /// From so many idempotency keys on, they are parted for a run.
    let keysPerRun: Int
    private let queue = WorkQueue<Job>(capacity: 1)
    private let progress: SnapshotProgress
    private let waitForEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - eventCount: so many events after the last one the next is worth its time.
    ///   - newest: the position of the one that is there.
    init(
        file: SnapshotFile, every eventCount: UInt64, since newest: LogPosition,
        host: any EngineHost
    ) {
        let progress = SnapshotProgress(
            SnapshotPace(every: eventCount, since: newest), isTimed: host.isParallel)
        self.progress = progress
        keysPerRun = file.keysPerRun
        let loop = EngineLoop(
            "snapshots", queue: queue,
            perform: { jobs in
                for job in jobs {
                    let tell = { (news: KeyNews) in
                        progress.countNews(1)
                        job.tell(news)
                    }
                    progress.record(job.snapshot.position) { () throws(DaybookError) in
                        try file.write(job.snapshot, tell: tell)
                    } then: { runs throws(DaybookError) in
                        try file.merge(runs, of: job.snapshot.logID, tell: tell)
                    }
                }
            }, end: {})
        waitForEnd = host.start(loop)
    }

    /// Whether a state at this position is wanted; then it is expected, and no other one is.
    func claim(at head: LogPosition) -> Bool { progress.claim(at: head) }

    /// The state that was wanted will not come: its group was not made durable.
    func giveUp() { progress.giveUp() }

    /// Takes a snapshot that was claimed, of events that are durable.
    ///
    /// - Parameter tell: told what became of its keys. The next snapshot can be claimed once ``tookNews()`` says
    ///   that the state knows.
    func write(_ snapshot: Snapshot, tell: @escaping @Sendable (KeyNews) -> Void) {
        guard case .sent = queue.send(Job(snapshot: snapshot, tell: tell)) else {
            return progress.giveUp()
        }
    }

    /// What was told about keys is in the state now: one that names runs from before would take away those
    /// that the state has.
    func tookNews() { progress.countNews(-1) }

    /// The position of the newest snapshot.
    var newest: LogPosition { progress.newest }

    /// Whether one is being written at this moment.
    var isWriting: Bool { progress.isWriting }

    /// Why the last one could not be written; `nil` when it could.
    var notice: String? { progress.notice }

    /// Finishes what was handed over and ends the thread. Blocks.
    func stop() {
        queue.close()
        waitForEnd()
    }
}

/// What is known about the snapshots of one process.
private final class SnapshotProgress: Sendable {
    private struct State {
        var pace: SnapshotPace
        /// The newest that was written.
        var newest: LogPosition
        var isClaimed = false
        /// What was told about keys and is not in the writer's state yet.
        var newsUnderway = 0
        var isWriting = false
        var notice: String?
    }

    private let state: Mutex<State>
    /// Time counts only where it passes: the loop of a simulated world has none.
    private let isTimed: Bool

    init(_ pace: SnapshotPace, isTimed: Bool) {
        state = Mutex(State(pace: pace, newest: pace.newest))
        self.isTimed = isTimed
    }

    var newest: LogPosition { state.withLock { $0.newest } }
    var isWriting: Bool { state.withLock { $0.isWriting } }
    var notice: String? { state.withLock { $0.notice } }

    private var now: ContinuousClock.Instant? { isTimed ? .now : nil }

    /// Of this thread: on a busy machine a snapshot takes longer, but costs the same.
    private var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    func claim(at head: LogPosition) -> Bool {
        state.withLock { state in
            guard !state.isClaimed, state.newsUnderway == 0,
                state.pace.isDue(at: head, now: { now })
            else { return false }
            state.isClaimed = true
            return true
        }
    }

    func giveUp() { state.withLock { $0.isClaimed = false } }

    func countNews(_ change: Int) { state.withLock { $0.newsUnderway += change } }

    /// Writes a snapshot and keeps what became of it.
    ///
    /// - Parameter then: what follows from one that was written, before the next one can be claimed; its cost
    ///   is none of the snapshot's.
    func record<Written>(
        _ position: LogPosition, _ write: () throws(DaybookError) -> Written,
        then: (Written) throws(DaybookError) -> Void
    ) {
        state.withLock { $0.isWriting = true }
        let begun = processorTime
        var notice: String?
        var written: Written?
        do throws(DaybookError) {
            written = try write()
        } catch {
            notice =
                "the snapshot at position \(position) could not be written (\(error)); the store "
                + "goes on, but its next start takes longer unless a later one succeeds"
        }
        let cost = isTimed ? processorTime - begun : nil
        if let written {
            state.withLock { $0.newest = max($0.newest, position) }
            do throws(DaybookError) {
                try then(written)
            } catch {
                notice =
                    "idempotency keys could not be merged behind the snapshot at position "
                    + "\(position) (\(error)); the store goes on, and a later one tries again"
            }
        }
        let now = now
        state.withLock { state in
            state.pace.note(position, cost: cost, at: now)
            state.isWriting = false
            state.isClaimed = false
            state.notice = notice
        }
    }
}
