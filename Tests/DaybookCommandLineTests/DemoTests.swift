import DaybookCore
import Foundation
import Testing

@testable import daybook

@Suite struct `Demo` {
    @Test
    func `given a fresh directory, when the demo runs, then every step succeeds and all is proved`()
        throws
    {
        let tool = try Tool()
        let (answer, summary) = try tool.json("demo")
        #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
        #expect(summary["steps"] == .integer(14))
        let steps = try answer.records().filter { $0["step"] != nil }
        #expect(steps.compactMap { $0["step"]?.number } == Array(1...14))
        let byTitle = Dictionary(
            uniqueKeysWithValues: steps.compactMap { step in
                step["title"]?.string.map { ($0, step) }
            })
        #expect(byTitle["Real history comes in"]?["rows"] == .integer(295))
        #expect(byTitle["She buys two"]?["status"] == .text("paid"))
        #expect(byTitle["The bank says no"]?["code"] == .text("payment_failed"))
        #expect(byTitle["The bank does not answer"]?["code"] == .text("payment_pending"))
        #expect(byTitle["kill -9 in the middle"]?["signal"] == .integer(9))
        #expect(byTitle["Started again"]?["captured"]?["minor"] == .integer(999))
        for model in ["inventory", "orders", "users"] {
            #expect(byTitle["Read models built anew"]?[model] == .text("equal"))
        }
        // The killed payment was taken once.
        let id = try #require(byTitle["Started again"]?["order_id"]?.string)
        let captures = try tool.json(
            "log", "search", "--tag", "order:\(id)", "--type", "PaymentCaptured"
        ).0.records()
        #expect(captures.count == 1)
        #expect(try tool("replay").status == 0)
        #expect(try tool("doctor").status == 0)
        let again = try tool("demo")
        #expect(again.status == 1)
        #expect(again.errors.contains("[store_exists]"))
    }
}
