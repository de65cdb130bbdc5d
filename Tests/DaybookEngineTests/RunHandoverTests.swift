import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections
import Dispatch
import Synchronization
import Testing

@testable import DaybookEngine

/// Runs on their way to those who project them.
@Suite(.timeLimit(.minutes(5))) struct `Run handover` {
    private struct Failure: Error, Equatable {
        var word: String
    }

    /// The numbers of the runs that each had, in order.
    private final class Record: Sendable {
        private let runs: Mutex<[[UInt64]]>

        init(of count: Int) { runs = Mutex(Array(repeating: [], count: count)) }

        func add(_ checkpoint: Checkpoint, to place: Int) {
            runs.withLock { $0[place].append(checkpoint.batchNumber) }
        }

        var all: [[UInt64]] { runs.withLock { $0 } }
    }

    private func checkpoint(_ number: UInt64) -> Checkpoint {
        Checkpoint(
            logID: LogID(rawValue: 1), position: LogPosition(rawValue: number),
            batchNumber: number, chain: .zero)
    }

    /// To some that do what `body` does, and take down the run when it did not fail.
    private func handover(
        of count: Int = 3, _ inParallel: Bool, _ record: Record,
        _ body: @escaping (_ place: Int, _ run: UInt64) throws -> Bool
    ) -> RunHandover {
        RunHandover(
            inParallel: inParallel,
            (0..<count).map { place in
                { _, checkpoint in
                    let goesOn = try body(place, checkpoint.batchNumber)
                    record.add(checkpoint, to: place)
                    return goesOn
                }
            })
    }

    private func hand(
        _ count: UInt64, to handover: RunHandover
    ) throws -> Bool {
        for number in 1...count {
            guard
                try handover.project([], checkpoint(number), isLast: number == count)
            else { return false }
        }
        return try handover.finish()
    }

    @Test(arguments: [true, false], 1...3)
    func `given projectors, when runs are handed over, then each has all of them in order, once`(
        inParallel: Bool, count: Int
    ) throws {
        let record = Record(of: count)
        let handover = handover(of: count, inParallel, record) { _, _ in true }
        #expect(try hand(200, to: handover))
        #expect(record.all == Array(repeating: Array(1...200), count: count))
    }

    @Test(arguments: 0...2)
    func `given a slow projector, when it has one run, then the others have the next`(
        slow: Int
    ) throws {
        let record = Record(of: 3)
        let gate = DispatchSemaphore(value: 0)
        let handover = handover(true, record) { place, run in
            if place == slow, run == 1 {
                // Opened by the others with their second run, and by nobody else.
                for _ in 0..<2 { #expect(gate.wait(timeout: .now() + 60) == .success) }
            }
            if place != slow, run == 2 { gate.signal() }
            return true
        }
        #expect(try hand(3, to: handover))
        #expect(record.all == Array(repeating: [1, 2, 3], count: 3))
    }

    @Test(arguments: [true, false], 0...2)
    func `given a projector that fails, when runs are handed over, then its error is told`(
        inParallel: Bool, failing: Int
    ) throws {
        let record = Record(of: 3)
        let handover = handover(inParallel, record) { place, run in
            if place == failing, run == 2 { throw Failure(word: "second") }
            return true
        }
        #expect(throws: Failure(word: "second")) { try hand(9, to: handover) }
        _ = try handover.finish()
        #expect(record.all[failing] == [1])
        // The others are not asked for more than the run that they may have had by then.
        #expect(record.all.allSatisfy { $0.count <= 3 })
    }

    @Test(arguments: [true, false], 0...2)
    func `given a projector that has enough, when it says so, then nobody gets much more`(
        inParallel: Bool, sated: Int
    ) throws {
        let record = Record(of: 3)
        let handover = handover(inParallel, record) { place, run in place != sated || run < 4 }
        #expect(try !hand(9, to: handover))
        _ = try handover.finish()
        #expect(record.all[sated] == [1, 2, 3, 4])
        #expect(record.all.allSatisfy { $0.count <= 5 })
    }

    /// A body that takes down what it has, and wants more.
    private func recording(_ record: Record, at place: Int) -> RunHandover.Body {
        { _, checkpoint in
            record.add(checkpoint, to: place)
            return true
        }
    }

    @Test(arguments: [true, false])
    func `given a log in many runs, when two are fed, then progress is what both have`(
        inParallel: Bool
    ) async throws {
        let store = try TestStore()
        let (daybook, _) = try await store.openShopWithCustomer()
        try await daybook.close()
        let reader = try DaybookReader.open(directory: store.configuration.directory).log
        var ends: [LogPosition] = []
        try reader.forEachBatch(from: .start, through: nil) { batch in
            ends.append(batch.lastPosition)
            return true
        }
        #expect(ends.count > 3)
        let record = Record(of: 2)
        var told: [LogPosition] = []
        let isWhole = try ReadModelSet.feed(
            reader, stoppingAt: ends, inParallel: inParallel,
            to: [recording(record, at: 0), recording(record, at: 1)]
        ) { checkpoint in
            #expect(record.all.allSatisfy { $0.contains(checkpoint.batchNumber) })
            told.append(checkpoint.position)
            return true
        }
        #expect(isWhole)
        #expect(told == ends.dropLast())
        #expect(record.all == Array(repeating: Array(1...UInt64(ends.count)), count: 2))

        let beginning = Record(of: 2)
        let isStillWhole = try ReadModelSet.feed(
            reader, stoppingAt: ends, inParallel: inParallel,
            to: [recording(beginning, at: 0), recording(beginning, at: 1)]
        ) { _ in false }
        #expect(!isStillWhole)
        #expect(beginning.all == [[1, 2], [1, 2]])
    }
}
