import DaybookCore
import DaybookDecisions
import Testing

@testable import daybook

@Suite struct `Import requests` {
    private func requests(_ codes: [String]) throws -> ImportRequests {
        let history = try HistoryText.history(codes.map { HistoryText.row("1", $0, 1) })
        return ImportRequests(history: history, currency: Currency(rawValue: "GBP")!)
    }

    @Test func `given codes beyond ASCII, when made a key, then the key is visible ASCII`() throws {
        let requests = try requests([
            "BANK CHARGES", "gift£1", "50%", String(repeating: "£", count: 60),
        ])
        let time = Instant(microseconds: 0)
        let keys = (0..<4).map { requests.product($0, time: time).key }
        #expect(keys[0] == "product:BANK%20CHARGES")
        #expect(keys[1] == "product:gift%C2%A31")
        #expect(keys[2] == "product:50%25")
        #expect(keys[3].count == 25)
        #expect(keys.map { IdempotencyKey(rawValue: $0)?.rawValue } == keys)
    }

    @Test func `given more stock than one receipt takes, when received, then it comes in parts`()
        throws
    {
        let requests = try requests(["85123A"])
        let parts = requests.openingStock(0, units: 2_000_000_001, time: Instant(microseconds: 0))
        #expect(parts.count == 3)
        #expect(Set(parts.map(\.key)).count == 3)
        let quantities = parts.flatMap(\.commands).map { command -> Int in
            guard case .receiveStock(let receipt) = command else { return 0 }
            return receipt.quantity
        }
        #expect(quantities == [1_000_000_000, 1_000_000_000, 1])
        #expect(requests.openingStock(0, units: 0, time: Instant(microseconds: 0)) == [])
    }

    @Test func `given customers, when registered, then their addresses can never receive mail`()
        throws
    {
        let history = try HistoryText.history([
            HistoryText.row("1", "85123A", 1, customer: "17850"),
            HistoryText.row("2", "85123A", 1, customer: ""),
        ])
        let requests = ImportRequests(history: history, currency: Currency(rawValue: "GBP")!)
        #expect(requests.email(0) == "customer-17850@import.invalid")
        #expect(requests.email(1) == "walk-in@import.invalid")
    }
}
