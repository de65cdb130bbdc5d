package import DaybookCore
internal import Synchronization

/// Reads what is durable, and nothing else; thread-safe.
///
/// A reader of an opened log sees what the committer publishes. One that was opened read-only
/// stands beside a running writer, needs neither lock nor permission to write, and sees what
/// `refresh` finds.
package final class LogReader: Sendable {
    package let logID: LogID
    let storage: any Storage
    let hash: HashFunction
    let indexSecret: TagKey.Secret
    /// How stored events become today's. Queries for a type find its former names too; events are
    /// handed out as they are stored, and whoever decodes them lifts them by this.
    package let upcasters: UpcasterChain
    private let state: Mutex<State>
    private let files = Mutex<[(number: UInt64, file: any StorageFile)]>([])
    let cache = Mutex(FrameCache())
    let shelf: IndexShelf

    struct State: Sendable {
        var segments: [SegmentRecord]
        var head: LogHead
        /// For the read-only form: where the last refresh stopped.
        var walk: WalkState?
    }

    struct WalkState: Sendable {
        var expectation: FrameExpectation
    }

    /// Descriptors that are kept open; the oldest goes first. One for each segment of 4 GiB.
    private static let openFileLimit = 64

    init(
        storage: any Storage, hash: HashFunction, logID: LogID, salt: Digest,
        segments: [SegmentRecord], head: LogHead, upcasters: UpcasterChain,
        walk: WalkState? = nil, writesIndexes: Bool = false
    ) {
        self.storage = storage
        self.hash = hash
        self.logID = logID
        self.upcasters = upcasters
        indexSecret = TagKey.Secret(salt: salt)
        shelf = IndexShelf(
            storage: storage, secret: indexSecret, logID: logID,
            mayWrite: writesIndexes && !storage.isReadOnly)
        invariant(
            (segments.last?.number ?? 0) == UInt64(segments.count),
            "LogReader: segments are numbered from 1, and none is left out")
        state = Mutex(State(segments: segments, head: head, walk: walk))
    }

    /// The end of what is durable.
    package var head: LogHead { state.withLock { $0.head } }

    /// A consistent view of segments and head.
    func snapshot() -> State { state.withLock { $0 } }

    func update(_ body: (inout State) -> Void) {
        state.withLock { state in
            let before = state.head
            body(&state)
            invariant(state.head.position >= before.position, "LogReader: the head never goes back")
            invariant(!state.segments.isEmpty, "LogReader: a log has at least one segment")
        }
    }

    func file(of segment: UInt64) throws(EventLogError) -> any StorageFile {
        let open = files.withLock { files in files.first { $0.number == segment }?.file }
        if let open { return open }
        let file = try storage.open(LogFileName.segment(segment), .read)
        files.withLock { files in
            if files.count >= LogReader.openFileLimit { files.removeFirst() }
            files.append((segment, file))
            invariant(
                files.count <= LogReader.openFileLimit, "LogReader: few files are kept open")
        }
        return file
    }
}

// MARK: - Publication by the committer

extension LogReader {
    /// Makes the frames up to `head` visible. Called only after they are durable.
    func publish(_ active: SegmentRecord, head: LogHead) {
        update { state in
            invariant(
                state.segments[state.segments.count - 1].number == active.number,
                "LogReader: only the last segment grows")
            invariant(
                active.endOffset >= state.segments[state.segments.count - 1].endOffset,
                "LogReader: a segment only grows")
            invariant(
                head.batchNumber >= state.head.batchNumber, "LogReader: a batch that was seen stays"
            )
            invariant(
                PlantedBug.noPoisonAfterFailedWrite.isPlanted
                    || active.lastPosition == head.position,
                "LogReader: the head is in the last segment")
            state.segments[state.segments.count - 1] = active
            state.head = head
        }
    }

    /// Replaces the active segment by its sealed form and adds the next one.
    func publish(sealed: SegmentRecord, next: SegmentRecord, head: LogHead) {
        invariant(sealed.isSealed, "LogReader: only a sealed segment is followed by another one")
        invariant(next.number == sealed.number + 1, "LogReader: segments follow one another")
        invariant(
            PlantedBug.noPoisonAfterFailedWrite.isPlanted
                || next.firstPosition == sealed.lastPosition.advanced(by: 1),
            "LogReader: no position lies between two segments")
        invariant(
            PlantedBug.noPoisonAfterFailedWrite.isPlanted || sealed.lastPosition == head.position,
            "LogReader: a segment begins behind the head")
        update { state in
            invariant(
                state.segments[state.segments.count - 1].number == sealed.number,
                "LogReader: only the last segment is sealed")
            invariant(
                !state.segments[state.segments.count - 1].isSealed,
                "LogReader: a segment is sealed once")
            invariant(
                sealed.endOffset >= state.segments[state.segments.count - 1].endOffset,
                "LogReader: sealing takes nothing away")
            state.segments[state.segments.count - 1] = sealed
            state.segments.append(next)
            state.head = head
        }
        shelf.sealedThrough.store(sealed.lastPosition.rawValue, ordering: .relaxed)
        shelf.schedule.change { $0.hasWork = true }
    }
}

extension LogReader {
    /// Totals of all durable frames, seals not counted. O(segments).
    package var statistics: LogStatistics {
        var sum = LogStatistics()
        for segment in snapshot().segments {
            sum.segmentCount += 1
            sum.frameCount += segment.tally.frameCount
            sum.batchCount += segment.tally.batchCount
            sum.eventCount += segment.tally.eventCount
            sum.storedByteCount += segment.tally.storedByteCount
            sum.rawByteCount += segment.tally.rawByteCount
            sum.firstTime = sum.firstTime ?? segment.tally.firstTime
            sum.lastTime = segment.tally.lastTime ?? sum.lastTime
        }
        return sum
    }
}
