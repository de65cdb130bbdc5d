import DaybookCore
import DaybookLog
import Testing

private func create(_ storage: any Storage, _ options: EventLogOptions = smallOptions()) throws
    -> EventLog
{
    let opened = try LogDirectory.create(
        storage: storage, options: options, hash: .sha256, clock: TestClock().read,
        newLogID: testLogID, salt: testSalt)
    return try EventLog(opened, storage: storage, hash: .sha256)
}

private func open(_ storage: any Storage) throws -> EventLog {
    let opened = try LogDirectory.open(
        storage: storage, options: smallOptions(), hash: .sha256, clock: TestClock().read)
    return try EventLog(opened, storage: storage, hash: .sha256)
}

@Suite struct `Event log` {
    @Test
    func
        `given many concurrent appends, then all are durable, positions are dense, and groups are shared`()
        async throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        let positions = try await withThrowingTaskGroup(of: UInt64.self) { tasks in
            for number in 1...500 {
                tasks.addTask {
                    let result = try await log.append(batch(event(order: UInt128(number))))
                    guard case .appended(let range) = result else { return 0 }
                    return range.lowerBound.rawValue
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(positions.sorted() == Array(1...500))
        #expect(log.head == position(500))
        #expect(try log.read(.all).count == 500)
        try await log.close()
        #expect(try log.verify().findings == [])
    }

    @Test
    func
        `given two appends that race under the same condition, then exactly one wins and the other names it`()
        async throws
    {
        let log = try create(SimulatedDisk())
        for order in 1...50 as ClosedRange<UInt128> {
            let condition = AppendCondition.nothingMatches(.tag(OrderID(rawValue: order).tag))
            async let first = log.append(batch(event(order: order)), when: condition)
            async let second = log.append(batch(event(order: order)), when: condition)
            let results = try await [first, second]
            let winners = results.compactMap { result -> LogPosition? in
                if case .appended(let range) = result { range.lowerBound } else { nil }
            }
            #expect(winners.count == 1)
            #expect(results.contains(.conflict(firstConflictingPosition: winners[0])))
        }
        #expect(log.head == position(50))
        try await log.close()
    }

    @Test
    func
        `given an idempotency key, when used again, also after a reopen, then the first result comes back and nothing is appended`()
        async throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        _ = try await log.append(batch(event()))
        let first = try await log.append(batch(event(), event("Paid"), key: "a"))
        #expect(first == .appended(position(2)...position(3)))
        #expect(try await log.append(batch(event(), key: "a")) == first)
        #expect(
            try await log.append(batch(event(), key: "b")) == .appended(position(4)...position(4)))
        try await log.close()
        let again = try open(disk)
        #expect(try await again.append(batch(event(), key: "a")) == first)
        var other = batch(event(), key: "a")
        other.metadata.command = "CancelOrder"
        #expect(try await again.append(other) == .appended(position(5)...position(5)))
        try await again.close()
    }

    @Test
    func
        `given a key with a fingerprint, when it comes with another fingerprint, then it is refused`()
        async throws
    {
        let log = try create(SimulatedDisk())
        var request = batch(event(), key: "a")
        request.metadata.fingerprint = testSalt
        let first = try await log.append(request)
        #expect(try await log.append(request) == first)
        request.metadata.fingerprint = .zero
        let changed = request
        let error = await #expect(throws: EventLogError.self) { try await log.append(changed) }
        #expect(error?.code == .idempotencyKeyReused)
        try await log.close()
    }

    @Test
    func
        `given a subscription from the beginning, when events are appended meanwhile, then all come once and in order`()
        async throws
    {
        let log = try create(SimulatedDisk())
        for number in 1...100 { _ = try await log.append(batch(event(order: UInt128(number)))) }
        let all = try log.subscribe()
        let paid = try log.subscribe(.any([QueryItem(types: ["Paid"])]), from: position(101))
        async let seen = all.prefix(700).reduce(into: [UInt64]()) {
            $0.append($1.position.rawValue)
        }
        async let paidPositions = paid.prefix(300).reduce(into: [UInt64]()) {
            $0.append($1.position.rawValue)
        }
        for _ in 1...300 { _ = try await log.append(batch(event(), event("Paid"))) }
        #expect(try await seen == Array(1...700))
        #expect(try await paidPositions == (1...300).map { 100 + 2 * UInt64($0) })
        try await log.close()
    }

    @Test func `given a subscription that waits, when the log is closed, then it ends`()
        async throws
    {
        let log = try create(SimulatedDisk())
        let subscription = try log.subscribe()
        async let count = subscription.reduce(into: 0) { count, _ in count += 1 }
        _ = try await log.append(batch(event()))
        try await log.close()
        #expect(try await count == 1)
    }

    @Test func `given a subscriber whose task is cancelled, then it ends`() async throws {
        let log = try create(SimulatedDisk())
        let subscription = try log.subscribe()
        let task = Task { try await subscription.reduce(into: 0) { count, _ in count += 1 } }
        task.cancel()
        #expect(try await task.value == 0)
        try await log.close()
    }

    @Test
    func
        `given a failed sync, then the append and all later ones are unknown or refused, and subscribers are told`()
        async throws
    {
        let disk = SimulatedDisk()
        let log = try create(disk)
        let subscription = try log.subscribe()
        async let end = #expect(throws: EventLogError.self) {
            for try await _ in subscription {}
        }
        disk.fail(.sync, with: 5, file: "log-00000000000000000001.seg")
        let first = await #expect(throws: EventLogError.self) {
            try await log.append(batch(event()))
        }
        #expect(first?.code == .io)
        let second = await #expect(throws: EventLogError.self) {
            try await log.append(batch(event()))
        }
        #expect(second?.code == .poisoned)
        #expect(await end?.code == .poisoned)
        #expect(try log.read(.all) == [])
        try await log.close()
    }

    @Test
    func `given a closed log, when appended to, then it is refused; a second close does nothing`()
        async throws
    {
        let log = try create(SimulatedDisk())
        try await log.close()
        try await log.close()
        let error = await #expect(throws: EventLogError.self) {
            try await log.append(batch(event()))
        }
        #expect(error?.code == .closed)
    }

    @Test
    func
        `given a real directory, when a log is created, closed and opened through the public calls, then its events are there`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/shop"
        let log = try EventLog.create(
            directory: path, hash: .sha256, clock: TestClock().read, id: testLogID, salt: testSalt)
        _ = try await log.append(batch(event()), when: .nothingMatches(.all))
        try await log.close()
        let again = try EventLog.open(directory: path, hash: .sha256, clock: TestClock().read)
        #expect(again.logID == testLogID)
        #expect(try again.read(.all).map(\.type) == ["OrderPlaced"])
        #expect(again.recovery.wasClean)
        try await again.close()
    }

    /// A log whose next append waits for space, and that append.
    private func waiting() async throws -> (SimulatedDisk, EventLog, Task<AppendResult, any Error>)
    {
        let disk = SimulatedDisk()
        let log = try create(disk, smallOptions(codec: .none))
        _ = try await log.append(batch(event(payload: String(repeating: "a", count: 3_000))))
        disk.capacity = 0
        // Does not fit behind the first one, so it needs the next segment.
        let large = batch(event(payload: String(repeating: "b", count: 9_000)))
        let append = Task { try await log.append(large) }
        // The second refusal: behind the first one the log may not have noticed yet, and what it still takes then waits
        // with that append, for space that comes only once it was refused.
        while disk.refusedForSpaceCount < 2 { await Task.yield() }
        return (disk, log, append)
    }

    @Test
    func
        `given an append that waits for space, then others are refused at once, reads go on, and it is acknowledged when there is space`()
        async throws
    {
        let (disk, log, append) = try await waiting()
        let refusal = await #expect(throws: EventLogError.self) {
            try await log.append(batch(event()))
        }
        #expect(refusal?.code == .noSpace)
        #expect(try log.read(.all).count == 1)
        disk.capacity = .max
        #expect(try await append.value == .appended(position(2)...position(2)))
        #expect(try await log.append(batch(event())) == .appended(position(3)...position(3)))
        try await log.close()
        #expect(try log.verify().findings == [])
    }

    @Test
    func
        `given an append that waits for space, when the log is closed, then its outcome is unknown, not refused`()
        async throws
    {
        let (disk, log, append) = try await waiting()
        try await log.close()
        let error = await #expect(throws: EventLogError.self) { try await append.value }
        #expect(error?.code == .poisoned)
        disk.capacity = .max
        let again = try open(disk)
        #expect(try await again.append(batch(event())) == .appended(position(2)...position(2)))
        try await again.close()
    }
}
