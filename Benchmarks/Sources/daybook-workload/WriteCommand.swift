import ArgumentParser
import DaybookCore
import DaybookEngine
import Foundation
import Synchronization
import Workload

/// `daybook-workload write`: what `start` kills.
struct WriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Places orders until it is killed; prints the number of acknowledged ones.",
        shouldDisplay: false)

    @Option(help: "The store; made unless it is there.")
    var directory: String

    @Option(help: "The seed of the orders.")
    var seed: UInt64 = 1

    @Flag(help: "Ship every order as soon as it is paid, and send its mail before more come.")
    var settle = false

    mutating func run() async throws {
        let exists = FileManager.default.fileExists(atPath: directory + "/log")
        let store =
            exists
            ? try await WorkloadStore.open(in: directory)
            : try await WorkloadStore.create(in: directory)
        let feed = OrderFeed(
            OrderStream(seed: seed), count: .max, group: 1_000, store: store,
            firstNumber: Int(store.daybook.head.rawValue))
        let acknowledged = Acknowledged()
        while true {
            try await placeSomeGroups(of: feed, in: store, acknowledged)
            // Before more comes: orders are faster than their mails.
            if settle { _ = try await store.daybook.runReactors() }
        }
    }

    private func placeSomeGroups(
        of feed: OrderFeed, in store: WorkloadStore, _ acknowledged: Acknowledged
    ) async throws {
        let settles = settle
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    guard let requests = feed.next() else { return }
                    let placed = await store.daybook.executeAll(requests)
                    for result in placed { try WorkloadStore.checkPaid(result) }
                    if settles { try await store.ship(placed) }
                    acknowledged.add(requests.count)
                }
            }
            try await tasks.waitForAll()
        }
    }
}

/// Counts acknowledged orders and says each sum aloud, in order.
private final class Acknowledged: Sendable {
    private let sum = Mutex(0)

    func add(_ count: Int) {
        sum.withLock { sum in
            sum += count
            FileHandle.standardOutput.write(Data("\(sum)\n".utf8))
        }
    }
}

/// `daybook-workload first-order`: what `start` times.
struct FirstOrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "first-order",
        abstract: "Opens a store, places one order, says how long both took and kills itself.",
        shouldDisplay: false)

    @OptionGroup var store: StoreArgument

    mutating func run() async throws {
        let clock = ContinuousClock()
        let started = clock.now
        let daybook = try await Daybook.open(
            WorkloadStore.configuration(directory: store.directory))
        let opened = clock.now
        var stream = OrderStream()
        let order = stream.next()
        let request = WorkloadStore.request(
            for: order, by: try await WorkloadStore.user(order.user, in: daybook),
            number: Int(daybook.head.rawValue))
        let result = try await daybook.execute(
            request.commands[0], as: request.actor, key: request.key)
        try WorkloadStore.checkPaid(.success(result))
        let durable = clock.now
        let fields = [
            started.duration(to: opened).inSeconds, started.duration(to: durable).inSeconds,
            Double(daybook.head.rawValue), Double(ProcessMemory.residentByteCount),
        ]
        let start = daybook.start
        let shares =
            [
                start.finding, start.recovery, start.snapshot, start.readModels, start.folding,
                start.catchUp,
            ].map(\.inSeconds) + [Double(start.foldedEventCount)]
        let line = (fields + shares).map { "\($0)" }.joined(separator: " ")
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
        // Leaves the store as the killed writer left it: for the next one to start from.
        kill(getpid(), SIGKILL)
    }
}
