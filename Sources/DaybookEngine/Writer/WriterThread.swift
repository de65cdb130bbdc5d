import DaybookCore
import DaybookLog
import Foundation

/// The thread that decides: takes requests in order, stages what follows, and hands the open group to
/// the commit thread as soon as that is free. While one group is in `fdatasync` the next one forms. Who is
/// alone is answered from here (ADR 0038).
///
/// There are two orders: calls with many requests are decided one after another, in slices; between two
/// slices those with few are, in the order of their own. So nobody may rely on the order of two calls in
/// two lanes of which one is not answered.
final class WriterThread: Sendable {
    typealias Answer = @Sendable ([Result<Handled, DaybookError>]) -> Void

    /// In which order jobs are done: within a lane as they came.
    enum Lane: Sendable {
        /// Between two slices of a bulk, each whole, and answered without waiting for a bulk's end.
        case express
        /// In slices, one job after another, and answered with the round.
        case bulk
    }

    enum Job: Sendable {
        case handle(WriterCall)
        case inspect(Lane, @Sendable (EngineCore) -> Void)
        case committed(CommitThread.Outcome)
        case keys(KeyNews)

        var isExpress: Bool {
            switch self {
            case .handle(let call): call.lane == .express
            case .inspect(let lane, _): lane == .express
            case .committed, .keys: true
            }
        }
    }

    /// How many callers may wait; more are told to come back.
    private static let capacity = 65_536
    /// Some 0.8 ms of deciding: so long at most a call with few requests waits for one with many, and as short
    /// a look at the queue is nothing beside it. Calls with as many at most have few.
    static let requestsPerSlice = 32

    private let queue = WorkQueue<Job>(capacity: WriterThread.capacity)
    private let requestsPerSlice: Int
    private let waitForEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - snapshots: given the state whenever it wants it.
    ///   - committed: told after every group that became durable, before its callers are, on either thread.
    init(
        core: EngineCore, committer: LogCommitter, snapshots: SnapshotThread,
        host: any EngineHost, requestsPerSlice: Int = WriterThread.requestsPerSlice,
        committed: @escaping @Sendable (LogHead) -> Void
    ) {
        self.requestsPerSlice = requestsPerSlice
        let queue = queue
        let commitThread = CommitThread(
            committer: committer, host: host, committed: committed,
            tell: { outcome in
                // A closed queue means that the writer has ended and needs no news.
                _ = queue.send(.committed(outcome), isExpress: true, evenIfFull: true)
            })
        var round = WriterRound(
            core: core, commitThread: commitThread, snapshots: snapshots,
            requestsPerSlice: requestsPerSlice,
            tell: { news in _ = queue.send(.keys(news), isExpress: true, evenIfFull: true) })
        let loop = EngineLoop(
            "writer", queue: queue, isUnfinished: { round.isUnfinished },
            perform: { round.perform($0) }, end: { round.end() })
        waitForEnd = host.start(loop)
    }

    /// Decides the requests in order; `answer` is called once everything they rest on is durable.
    ///
    /// - Parameter lane: `nil`: by the number of requests.
    func handle(
        _ requests: [PreparedRequest], in lane: Lane? = nil, answer: @escaping Answer
    ) {
        let lane = lane ?? (requests.count <= requestsPerSlice ? .express : .bulk)
        let call = WriterCall(requests, in: lane, answer: answer)
        let refusal: DaybookError
        switch queue.send(.handle(call), isExpress: lane == .express) {
        case .sent: return
        case .full:
            refusal = DaybookError(.busy, "\(WriterThread.capacity) calls wait; try again")
        case .closed: refusal = .closed
        }
        answer(requests.map { _ in .failure(refusal) })
    }

    /// Reads the writer's state, between two requests; `nil` when the writer has ended.
    ///
    /// - Parameter lane: `.bulk` for who wants to see what all calls that wait now have led to.
    func inspect<Value: Sendable>(
        in lane: Lane = .express, _ body: @escaping @Sendable (EngineCore) -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let sent = queue.send(
                .inspect(lane) { continuation.resume(returning: body($0)) },
                isExpress: lane == .express, evenIfFull: true)
            guard case .sent = sent else {
                continuation.resume(returning: nil)
                return
            }
        }
    }

    /// Takes no more, finishes what waits, makes it durable and ends both threads. Blocks.
    func stop() {
        queue.close()
        waitForEnd()
    }
}

extension DaybookError {
    static let closed = DaybookError(.closed, "this Daybook is closed")
}
