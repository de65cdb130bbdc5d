import DaybookDecisions
import DaybookGateways
import Testing

@Suite struct `Scripts of the bank` {
    @Test(arguments: [
        ("yes", BankScript.yes), ("unknown", .unknown), ("down", .down), ("twice", .twice),
        ("late", .unknownThenCaptured), ("amount:1000", .amount(1_000)),
        ("decline:insufficient_funds", .decline(code: "insufficient_funds")),
        ("late-decline:expired_card", .unknownThenDeclined(code: "expired_card")),
        ("random:7", .random(seed: 7, weights: .usual)),
        (
            "random:7:yes=80,decline=20",
            .random(seed: 7, weights: BankWeights(yes: 80, decline: 20))
        ),
    ])
    func `given the text of a script, then it reads and writes back`(
        text: String, script: BankScript
    ) {
        #expect(BankScript(text) == script)
        #expect(script.description == text)
    }

    @Test func `given a decline without a code, then it has the usual one`() {
        #expect(BankScript("decline") == .decline(code: "card_declined"))
        #expect(BankScript("late-decline") == .unknownThenDeclined(code: "card_declined"))
    }

    @Test(arguments: [
        "", "maybe", "yes:1", "decline:", "amount", "amount:x", "amount:-1", "random", "random:x",
        "random:1:", "random:1:yes", "random:1:maybe=3", "random:1:yes=-1", "random:1:yes=1,",
    ])
    func `given text that is no script, then it is refused`(text: String) {
        #expect(BankScript(text) == nil)
    }

    @Test
    func
        `given a random script, then a key has the same answer in every bank, whatever came before`()
        throws
    {
        let script = BankScript.random(seed: 42, weights: BankWeights(yes: 1, decline: 1))
        let forwards = ScriptedBank(script: script)
        let backwards = ScriptedBank(script: script)
        let keys = (1...200).map { "ord_\($0)/1" }
        let first = try keys.map { try forwards.charge(charge($0)) }
        let second = try keys.reversed().map { try backwards.charge(charge($0)) }
        #expect(first == second.reversed())
        #expect((50...150).contains(forwards.captureCount))
    }

    @Test func `given weights, then each answer comes about as often as it weighs`() throws {
        let bank = ScriptedBank(script: .random(seed: 1, weights: .usual))
        for number in 1...2_000 { _ = try bank.charge(charge("k\(number)")) }
        // 80 yes, 3 late and 4 twice of 100 take money at once: 87 %.
        #expect((1_650...1_830).contains(bank.captureCount))
    }
}
