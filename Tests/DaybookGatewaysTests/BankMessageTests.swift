import DaybookCore
import DaybookDecisions
import DaybookGateways
import Testing

@Suite struct `Messages of the scripted bank` {
    @Test
    func
        `fault 62: given the script twice, then one message comes in two equal copies until it is acknowledged`()
        throws
    {
        let bank = ScriptedBank(script: .twice)
        #expect(try bank.charge(charge("k")) == .captured(reference: "ch_k", amount: gbp(1_998)))
        let message = GatewayMessage(
            providerEventID: "evt_k", kind: .captured, reference: "ch_k", key: "k",
            amount: gbp(1_998), occurredAt: noon)
        #expect(bank.messages() == [message, message])
        #expect(bank.messages() == [message, message])
        try bank.acknowledge(["evt_k", "evt_other"])
        #expect(bank.messages().isEmpty)
        _ = try bank.charge(charge("k"))
        #expect(bank.messages().isEmpty)
    }

    @Test
    func
        `fault 62: given many messages, then the seed decides their order, and copies of one are apart`()
        throws
    {
        func delivered(seed: UInt64) throws -> [String] {
            let bank = ScriptedBank(script: .twice, seed: seed)
            for number in 1...50 { _ = try bank.charge(charge("k\(number)")) }
            return bank.messages().map(\.key)
        }
        let sent = (1...50).flatMap { ["k\($0)", "k\($0)"] }
        let first = try delivered(seed: 1)
        #expect(first.sorted() == sent.sorted())
        #expect(first != sent)
        #expect(try delivered(seed: 1) == first)
        #expect(try delivered(seed: 2) != first)
    }

    @Test func `given a reservation made twice, then its message says authorized`() throws {
        let bank = ScriptedBank(script: .twice)
        _ = try bank.charge(charge("k", mode: .manual))
        #expect(bank.messages().map(\.kind) == [.authorized, .authorized])
    }

    @Test func `given a message, then its body is JSON that holds every field`() {
        let message = GatewayMessage(
            providerEventID: "evt_\"1\"", kind: .declined, reference: "ch_1", key: "ord_1/1",
            amount: gbp(-5), code: "expired_card", occurredAt: noon)
        #expect(
            String(decoding: message.body, as: UTF8.self)
                == #"{"id":"evt_\"1\"","kind":"declined","reference":"ch_1","key":"ord_1/1","#
                + #""amount":-5,"currency":"GBP","code":"expired_card","#
                + #""occurred_at":"2010-12-01T12:00:00Z"}"#)
    }
}
