import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookSimulator
import Testing

/// The oracle must notice what it is there for.
@Suite struct `Store oracle` {
    private let thing = SKU(rawValue: "THING")!

    private func arrival(_ quantity: Int64) -> Event {
        .stockReceived(StockReceived(sku: thing, location: .main, quantity: quantity))
    }

    @Test func `given a log that lost an acknowledged batch, then it is noticed`() throws {
        let oracle = StoreOracle()
        oracle.acknowledge(LogPosition(rawValue: 2))
        try oracle.judge(try StoreOracle.read(try log(of: [arrival(1), arrival(2)])))
        let shorter = try StoreOracle.read(try log(of: [arrival(1)]))
        #expect(promise { try oracle.judge(shorter) } == .acknowledgedIsKept)
    }

    @Test func `given a log with another batch in its place, then it is noticed`() throws {
        let oracle = StoreOracle()
        oracle.acknowledge(LogPosition(rawValue: 1))
        try oracle.judge(try StoreOracle.read(try log(of: [arrival(1)])))
        let other = try StoreOracle.read(try log(of: [arrival(3)]))
        #expect(promise { try oracle.judge(other) } == .acknowledgedIsKept)
    }

    @Test func `given one flipped bit of the log, then it does not read by the letter`() throws {
        let disk = try log(of: [arrival(1)])
        let segment = try #require(disk.fileNames.first { $0.hasPrefix("log-") })
        disk.damage(segment) { $0[4_096 + 130] ^= 1 }
        #expect(promise { _ = try StoreOracle.read(disk) } == .wellFormed)
    }

    @Test func `given events that sell what is not there, then the sums are impossible`() {
        var shop = ReferenceShop()
        shop.take(arrival(1), at: 1)
        shop.take(
            .stockAdjusted(StockAdjusted(sku: thing, location: .main, delta: -2, reason: "?")),
            at: 2)
        #expect(shop.violations.count == 1)
    }

    @Test func `given one mail asked for twice, then it is noticed`() {
        let mail = Event.mailRequested(
            MailRequested(
                mailID: MailID(rawValue: 1), template: .alreadyRegistered,
                userID: UserID(rawValue: 2), orderID: nil, verificationID: nil))
        var shop = ReferenceShop()
        shop.take(mail, at: 1)
        #expect(shop.violations.isEmpty)
        shop.take(mail, at: 2)
        #expect(shop.violations.count == 1)
    }

    private func promise(_ body: () throws -> Void) -> StoreViolation.Promise? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreViolation)?.promise
        }
    }

    /// A log with one batch per event, written by the log itself.
    private func log(of events: [Event]) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, hash: .sha256, clock: { Instant(microseconds: 1_000_000) },
            newLogID: LogID(rawValue: 7), salt: Digest.zero)
        for event in events {
            let metadata = BatchMetadata(
                recordedAt: Instant(microseconds: 1), actor: .system, command: "Test")
            _ = try log.writer.stage(metadata) { encoder in
                encoder.event(
                    type: event.type, schemaVersion: event.schemaVersion, tags: event.tags
                ) { event.encode(into: &$0) }
            }
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        }
        try log.committer.close()
        return disk
    }
}
