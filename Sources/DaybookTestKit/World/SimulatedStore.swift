public import DaybookCore

/// A user's decider and projector over the real event log on a simulated disk: processes that are
/// killed, power that goes, syncs that fail or lie, messages that come twice and out of order.
///
/// ```swift
/// let store = SimulatedStore(lending, projector: LentBooks.self, write: Format.write, read: Format.read)
/// try store.survives(keeping: invariants).check()
/// ```
///
/// One thread and one sequence of choices: the same seed gives the same run, and a failure is made
/// small and replayed like that of any property.
///
/// After every recovery, and at the end, these must hold: no acknowledged event is missing and nothing
/// else was recorded (unless a sync lied); the state folded from the log equals the state that was
/// decided from; the invariants; the projector, which goes on from an earlier checkpoint and is given
/// some events again, shows the rows that a rebuilt one shows.
public struct SimulatedStore<D: Decider, P: RowProjector>
where P.Fact == D.Fact, D.State: Equatable {
    public var workload: Workload<D>
    let write: (D.Event) throws -> ProposedEvent
    let read: (RecordedEvent, BatchMetadata) throws -> D.Fact
    /// The wall clock of a context, for the log's own times.
    public var now: (D.Context) -> Instant = { _ in Instant(microseconds: 0) }
    /// What the outside world is asked for because of a fact, as the commands that its answers become.
    /// Each is delivered at least once, perhaps several times, perhaps late, and again after a crash.
    public var answers: (D.Fact) -> [D.Command] = { _ in [] }
    public var faults = SimulatedFaults()

    /// - Parameters:
    ///   - write: the event as it is stored.
    ///   - read: the fact that a stored event is, with the metadata of its batch.
    public init(
        _ workload: Workload<D>, projector: P.Type,
        write: @escaping (D.Event) throws -> ProposedEvent,
        read: @escaping (RecordedEvent, BatchMetadata) throws -> D.Fact
    ) {
        self.workload = workload
        self.write = write
        self.read = read
    }

    /// Runs the store through whatever the choices bring.
    ///
    /// - Parameters:
    ///   - invariants: of the state, after every command and every recovery.
    ///   - settled: of the state once all messages have been delivered.
    public func survives(
        keeping invariants: [Invariant<D.State>] = [], settled: [Invariant<D.State>] = []
    ) -> Property {
        let runs = Generator { choices in
            var world = try StoreRun(self, invariants, choices)
            return try world.run(settled)
        }
        return Property("\(D.self) and \(P.self) survive", runs) { run in
            if let violation = run.violation { throw violation }
        }
    }
}

/// How often what goes wrong, out of about 100 steps of which most are commands. 0: never.
public struct SimulatedFaults: Hashable, Sendable {
    /// The process dies; what it wrote is still in the memory of the machine.
    public var kills = 5
    /// The power goes; of what no sync has covered, any part survives.
    public var powerCuts = 8
    /// A sync fails: the log stops, and the process starts again.
    public var failedSyncs = 4
    /// A sync reports success and has done nothing: a broken disk. After it, acknowledged events may be
    /// lost; the rest must still be sound.
    public var lostSyncs = 0
    /// The log is closed and opened.
    public var restarts = 3
    /// Off in tests of the kit: then what a lying sync loses must be noticed.
    package var forgivesLostSyncs = true

    public init() {}
}

/// One run, told step by step.
struct SimulatedRun: CountsEvents, SwiftSourceConvertible {
    var story: [String] = []
    var eventCount = 0
    var violation: SimulationViolation?

    var swiftSource: String { story.map(\.commented).joined(separator: "\n") }
}

/// A promise that was not kept in a simulation.
struct SimulationViolation: Error, CustomStringConvertible {
    enum Promise: String {
        case opens, durability, atomicity, state, invariant, rows, conversion
    }

    var promise: Promise
    var details: String

    var description: String { "\(promise.rawValue): \(details)" }
}
