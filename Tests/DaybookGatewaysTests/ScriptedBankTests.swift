import DaybookCore
import DaybookDecisions
import DaybookGateways
import Testing

@Suite struct `Charging at the scripted bank` {
    @Test
    func
        `S-059: given a willing bank, when charged, then it takes minor units of an ISO currency, once`()
        throws
    {
        let bank = ScriptedBank()
        #expect(
            try bank.charge(charge("ord_1/1"))
                == .captured(reference: "ch_ord_1/1", amount: gbp(1_998)))
        #expect(bank.totals == [BankTotals(currency: pounds, captured: 1_998)])
        #expect(bank.capturedKeys == ["ord_1/1"])
        #expect(bank.chargeRequest(forKey: "ord_1/1") == charge("ord_1/1"))
        #expect(bank.callCount(forKey: "ord_1/1") == 1)
    }

    @Test
    func
        `D-04: given a key that was charged, when charged again, then the answer is the same and no money moves`()
        throws
    {
        let bank = ScriptedBank()
        let first = try bank.charge(charge("k"))
        bank.follow(.decline(code: "expired_card"))
        let later = noon.advanced(bySeconds: 86_400 * 365)
        #expect(try bank.charge(charge("k", at: later)) == first)
        #expect(bank.captureCount == 1)
        #expect(bank.callCount(forKey: "k") == 2)
        #expect(bank.totals == [BankTotals(currency: pounds, captured: 1_998)])
    }

    @Test
    func
        `given a key, when it comes with other parameters or for another deed, then it is refused`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k"))
        #expect(
            code { () throws(GatewayError) in try bank.charge(charge("k", 1_999)) } == .keyReused)
        #expect(
            code { () throws(GatewayError) in try bank.charge(charge("k", 1_998, yen)) }
                == .keyReused)
        #expect(
            code { () throws(GatewayError) in try bank.charge(charge("k", mode: .manual)) }
                == .keyReused)
        #expect(
            code { () throws(GatewayError) in
                try bank.refund(key: "k", reference: "ch_k", amount: gbp(1), at: noon)
            } == .keyReused)
        #expect(bank.totals == [BankTotals(currency: pounds, captured: 1_998)])
    }

    @Test
    func
        `S-035: given an unwilling bank, when charged, then its own no comes as declined, also the second time`()
        throws
    {
        let bank = ScriptedBank(script: .decline(code: "insufficient_funds"))
        let no = GatewayAnswer.declined(code: "insufficient_funds", reason: "insufficient funds")
        #expect(try bank.charge(charge("k")) == no)
        bank.follow(.yes)
        #expect(try bank.charge(charge("k")) == no)
        #expect(try bank.lookup(key: "k") == .answered(no))
        #expect(bank.captureCount == 0)
        #expect(try bank.charge(charge("k2")) == .captured(reference: "ch_k2", amount: gbp(1_998)))
    }

    @Test
    func
        `S-038: given a lost request, then it is neither yes nor no, nothing happened, and the same key goes through`()
        throws
    {
        let bank = ScriptedBank(script: .unknown)
        #expect(try bank.charge(charge("k")) == .unknown(cause: "timeout: no answer from the bank"))
        #expect(try bank.lookup(key: "k") == .nothing)
        #expect(bank.captureCount == 0)
        #expect(try bank.charge(charge("k")) == .captured(reference: "ch_k", amount: gbp(1_998)))
        #expect(bank.captureCount == 1)
        #expect(bank.messages().isEmpty)
    }

    @Test
    func
        `fault 59: given a timeout after the charge, then lookup, a repeat and a message say captured, with one capture`()
        throws
    {
        let bank = ScriptedBank(script: .unknownThenCaptured)
        #expect(try bank.charge(charge("k")) == .unknown(cause: "timeout: no answer from the bank"))
        let yes = GatewayAnswer.captured(reference: "ch_k", amount: gbp(1_998))
        #expect(try bank.lookup(key: "k") == .answered(yes))
        #expect(try bank.charge(charge("k")) == yes)
        #expect(bank.captureCount == 1)
        #expect(
            bank.messages() == [
                GatewayMessage(
                    providerEventID: "evt_k", kind: .captured, reference: "ch_k", key: "k",
                    amount: gbp(1_998), occurredAt: noon)
            ])
    }

    @Test func `given a timeout after a decline, then lookup, a repeat and a message say declined`()
        throws
    {
        let bank = ScriptedBank(script: .unknownThenDeclined(code: "expired_card"))
        #expect(try bank.charge(charge("k")) == .unknown(cause: "timeout: no answer from the bank"))
        let no = GatewayAnswer.declined(code: "expired_card", reason: "expired card")
        #expect(try bank.lookup(key: "k") == .answered(no))
        #expect(try bank.charge(charge("k")) == no)
        #expect(bank.messages().map(\.kind) == [.declined])
        #expect(bank.messages().map(\.code) == ["expired_card"])
        #expect(bank.captureCount == 0)
    }

    @Test func `given a bank that is down, then nothing can be charged or asked until it is up`()
        throws
    {
        let bank = ScriptedBank(script: .down)
        let cause = "timeout: the bank cannot be reached"
        #expect(try bank.charge(charge("k")) == .unknown(cause: cause))
        #expect(try bank.charge(charge("k")) == .unknown(cause: cause))
        #expect(try bank.lookup(key: "k") == .unknown(cause: cause))
        bank.follow(.yes)
        #expect(try bank.lookup(key: "k") == .nothing)
        #expect(try bank.charge(charge("k")) == .captured(reference: "ch_k", amount: gbp(1_998)))
    }

    @Test func `D-19: given a bank that takes another amount, then its answer says so`() throws {
        let bank = ScriptedBank(script: .amount(1_000))
        #expect(try bank.charge(charge("k")) == .captured(reference: "ch_k", amount: gbp(1_000)))
        #expect(bank.totals == [BankTotals(currency: pounds, captured: 1_000)])
    }

    @Test(arguments: [0, -1, Int64.min])
    func `given no money to take, then the request is refused and the key stays free`(minor: Int64)
        throws
    {
        let bank = ScriptedBank()
        #expect(
            code { () throws(GatewayError) in try bank.charge(charge("k", minor)) } == .badAmount)
        #expect(try bank.lookup(key: "k") == .nothing)
        #expect(try bank.charge(charge("k", 1)) == .captured(reference: "ch_k", amount: gbp(1)))
    }

    @Test func `given several charges at once, then each has its own result, in order`() throws {
        let bank = ScriptedBank()
        bank.follow(.decline(code: "expired_card"), forKey: "b")
        let results = try bank.charge(all: [
            charge("a", 100), charge("b", 200), charge("c", 300, yen), charge("a", 100),
            charge("a", 101),
        ])
        #expect(results.count == 5)
        #expect(try results[0].get() == .captured(reference: "ch_a", amount: gbp(100)))
        #expect(try results[1].get() == .declined(code: "expired_card", reason: "expired card"))
        #expect(
            try results[2].get()
                == .captured(reference: "ch_c", amount: Money(minor: 300, currency: yen)))
        #expect(try results[3].get() == results[0].get())
        #expect(throws: GatewayError.self) { try results[4].get() }
        #expect(
            bank.totals == [
                BankTotals(currency: pounds, captured: 100),
                BankTotals(currency: yen, captured: 300),
            ])
    }

    @Test func `given scripts for a key, for the next key and for all, then the narrowest counts`()
        throws
    {
        let bank = ScriptedBank()
        bank.follow(.decline(code: "mine"), forKey: "a")
        bank.followOnce(.decline(code: "next"))
        #expect(try bank.charge(charge("a")) == .declined(code: "mine", reason: "mine"))
        #expect(try bank.charge(charge("b")) == .declined(code: "next", reason: "next"))
        #expect(try bank.charge(charge("c")) == .captured(reference: "ch_c", amount: gbp(1_998)))
    }

    @Test
    func
        `given any gateway, when used through its protocol, then only declined is a payment failure`()
        async throws
    {
        let gateway: any PaymentGateway = ScriptedBank(script: .decline(code: "expired_card"))
        let answer = try await gateway.charge(charge("k"))
        #expect(answer == .declined(code: "expired_card", reason: "expired card"))
        let willing: any PaymentGateway = ScriptedBank()
        await #expect(throws: GatewayError.self) {
            try await willing.capture(
                key: "c", reference: "ch_none", amount: gbp(1), at: noon)
        }
    }
}

@Suite struct `Reserving, capturing and giving back` {
    @Test
    func `D-23: given manual capture, then money is reserved for seven days, and captured once`()
        throws
    {
        let bank = ScriptedBank()
        #expect(
            try bank.charge(charge("k", mode: .manual))
                == .authorized(
                    reference: "ch_k", amount: gbp(1_998),
                    expiresAt: noon.advanced(bySeconds: 604_800)))
        #expect(bank.captureCount == 0)
        let yes = GatewayAnswer.captured(reference: "ch_k", amount: gbp(1_998))
        #expect(
            try bank.capture(key: "c", reference: "ch_k", amount: gbp(1_998), at: noon) == yes)
        #expect(
            try bank.capture(key: "c", reference: "ch_k", amount: gbp(1_998), at: noon) == yes)
        #expect(
            try bank.capture(key: "c2", reference: "ch_k", amount: gbp(1), at: noon)
                == .declined(code: "already_captured", reason: "already captured"))
        #expect(
            bank.totals == [BankTotals(currency: pounds, authorized: 1_998, captured: 1_998)])
    }

    @Test func `D-23: given a charge that captured by itself, when captured, then it is declined`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k"))
        #expect(
            try bank.capture(key: "c", reference: "ch_k", amount: gbp(1_998), at: noon)
                == .declined(code: "already_captured", reason: "already captured"))
        #expect(bank.captureCount == 1)
    }

    @Test
    func
        `given a reservation, when its last microsecond has passed, then it can no longer be captured`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k", mode: .manual))
        let last = noon.advanced(bySeconds: 604_800)
        let after = Instant(microseconds: last.microseconds + 1)
        #expect(
            try bank.capture(key: "c1", reference: "ch_k", amount: gbp(1), at: after)
                == .declined(code: "authorization_expired", reason: "authorization expired"))
        #expect(
            try bank.capture(key: "c2", reference: "ch_k", amount: gbp(1), at: last)
                == .captured(reference: "ch_k", amount: gbp(1)))
    }

    @Test
    func `given a reservation, when captured in parts, then no more than was reserved is taken`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k", 100, mode: .manual))
        let tooLarge = GatewayAnswer.declined(code: "amount_too_large", reason: "amount too large")
        #expect(
            try bank.capture(key: "1", reference: "ch_k", amount: gbp(101), at: noon) == tooLarge)
        #expect(
            try bank.capture(key: "2", reference: "ch_k", amount: gbp(60), at: noon)
                == .captured(reference: "ch_k", amount: gbp(60)))
        #expect(
            try bank.capture(key: "3", reference: "ch_k", amount: gbp(41), at: noon) == tooLarge)
        #expect(
            try bank.capture(key: "4", reference: "ch_k", amount: gbp(40), at: noon)
                == .captured(reference: "ch_k", amount: gbp(40)))
        #expect(bank.totals == [BankTotals(currency: pounds, authorized: 100, captured: 100)])
    }

    @Test
    func
        `given a reservation, when voided, then it cannot be captured, and a captured one cannot be voided`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("a", mode: .manual))
        #expect(try bank.void(key: "v", reference: "ch_a", at: noon) == .voided(reference: "ch_a"))
        #expect(try bank.void(key: "v", reference: "ch_a", at: noon) == .voided(reference: "ch_a"))
        #expect(
            try bank.void(key: "v2", reference: "ch_a", at: noon)
                == .declined(code: "already_voided", reason: "already voided"))
        #expect(
            try bank.capture(key: "c", reference: "ch_a", amount: gbp(1), at: noon)
                == .declined(code: "charge_voided", reason: "charge voided"))
        _ = try bank.charge(charge("b"))
        #expect(
            try bank.void(key: "v3", reference: "ch_b", at: noon)
                == .declined(code: "already_captured", reason: "already captured"))
    }

    @Test
    func `given captured money, when refunded in parts, then no more than was captured goes back`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k", 100))
        let tooLarge = GatewayAnswer.declined(code: "amount_too_large", reason: "amount too large")
        #expect(
            try bank.refund(key: "r1", reference: "ch_k", amount: gbp(70), at: noon)
                == .refunded(reference: "re_r1", amount: gbp(70)))
        #expect(
            try bank.refund(key: "r1", reference: "ch_k", amount: gbp(70), at: noon)
                == .refunded(reference: "re_r1", amount: gbp(70)))
        #expect(
            try bank.refund(key: "r2", reference: "ch_k", amount: gbp(31), at: noon) == tooLarge)
        #expect(
            try bank.refund(key: "r3", reference: "ch_k", amount: gbp(0), at: noon) == tooLarge)
        #expect(
            try bank.refund(key: "r4", reference: "ch_k", amount: gbp(30), at: noon)
                == .refunded(reference: "re_r4", amount: gbp(30)))
        #expect(bank.totals == [BankTotals(currency: pounds, captured: 100, refunded: 100)])
    }

    @Test func `given a late refund, then it stands, once, and a message says so`() throws {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k", 100))
        bank.follow(.unknownThenCaptured, forKey: "r")
        #expect(
            try bank.refund(key: "r", reference: "ch_k", amount: gbp(100), at: noon)
                == .unknown(cause: "timeout: no answer from the bank"))
        #expect(
            try bank.refund(key: "r", reference: "ch_k", amount: gbp(100), at: noon)
                == .refunded(reference: "re_r", amount: gbp(100)))
        #expect(bank.messages().map(\.kind) == [.refunded])
        #expect(bank.messages().map(\.reference) == ["re_r"])
        #expect(bank.totals == [BankTotals(currency: pounds, captured: 100, refunded: 100)])
    }

    @Test func `given a refused refund with a message, then the message says refund failed`() throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k", 100))
        bank.follow(.unknownThenDeclined(code: "account_closed"), forKey: "r")
        _ = try bank.refund(key: "r", reference: "ch_k", amount: gbp(100), at: noon)
        #expect(bank.messages().map(\.kind) == [.refundFailed])
    }

    @Test func `given a reference of nobody or another currency, then the request is refused`()
        throws
    {
        let bank = ScriptedBank()
        _ = try bank.charge(charge("k"))
        #expect(
            code { () throws(GatewayError) in
                try bank.refund(key: "r", reference: "k", amount: gbp(1), at: noon)
            } == .unknownReference)
        #expect(
            code { () throws(GatewayError) in
                try bank.refund(
                    key: "r", reference: "ch_k", amount: Money(minor: 1, currency: yen), at: noon)
            } == .badAmount)
        #expect(try bank.lookup(key: "r") == .nothing)
    }
}
