import DaybookCore
import DaybookDecisions
import Foundation
import Testing

@testable import DaybookGateways

@Suite struct `The scripted bank's ledger` {
    @Test
    func
        `G-7: given a bank that answered, when this process is gone, then the next one finds the same key charged`()
        throws
    {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/bank"
        let first = try ScriptedBank(directory: directory)
        let answer = try first.charge(charge("ord_1/1"))
        // No close and no goodbye: the file alone must carry it.
        let second = try ScriptedBank(directory: directory, script: .decline(code: "x"))
        #expect(try second.lookup(key: "ord_1/1") == .answered(answer))
        #expect(try second.charge(charge("ord_1/1")) == answer)
        #expect(second.captureCount == 1)
        #expect(second.totals == [BankTotals(currency: pounds, captured: 1_998)])
        #expect(
            code { () throws(GatewayError) in try second.charge(charge("ord_1/1", 5)) }
                == .keyReused)
    }

    @Test func `given every kind of line, when read again, then the bank holds the same`() throws {
        let folder = try TemporaryFolder()
        let bank = try ScriptedBank(directory: folder.path, seed: 3)
        func use(_ bank: ScriptedBank) throws -> [GatewayAnswer] {
            [
                try bank.charge(charge("a", 100)),
                try bank.charge(charge("b", 200, mode: .manual)),
                try bank.capture(key: "b/c", reference: "ch_b", amount: gbp(150), at: noon),
                try bank.refund(key: "a/r", reference: "ch_a", amount: gbp(40), at: noon),
                try bank.charge(charge("d", 300, yen, mode: .manual)),
                try bank.void(key: "d/v", reference: "ch_d", at: noon),
                try bank.charge(charge("e \"quoted\" \\ \n \u{1} Zoë", 400)),
            ]
        }
        bank.follow(.twice, forKey: "b/c")
        let answers = try use(bank)
        bank.follow(.decline(code: "expired_card"), forKey: "f")
        _ = try bank.charge(charge("f"))
        bank.follow(.unknown, forKey: "g")
        _ = try bank.charge(charge("g"))
        bank.follow(.unknownThenCaptured, forKey: "h")
        _ = try bank.charge(charge("h"))
        try bank.acknowledge(["evt_h"])

        let again = try ScriptedBank(directory: folder.path, seed: 3)
        #expect(again.totals == bank.totals)
        #expect(again.capturedKeys == bank.capturedKeys)
        #expect(again.messages() == bank.messages())
        #expect(again.messages().map(\.key) == ["b/c", "b/c"])
        #expect(try use(again) == answers)
        #expect(
            try again.charge(charge("f"))
                == .declined(code: "expired_card", reason: "expired card"))
        again.follow(.unknown, forKey: "g")
        #expect(try again.charge(charge("g")) == .captured(reference: "ch_g", amount: gbp(1_998)))
        #expect(
            try again.refund(key: "a/r2", reference: "ch_a", amount: gbp(61), at: noon)
                == .declined(code: "amount_too_large", reason: "amount too large"))
    }

    @Test func `given one charge, then the ledger is one line that can be read by eye`() throws {
        let folder = try TemporaryFolder()
        let bank = try ScriptedBank(directory: folder.path)
        _ = try bank.charge(charge("ord_1/1"))
        let text = String(decoding: try folder.bytes(of: "ledger.ndjson"), as: UTF8.self)
        #expect(
            text == #"{"op":"charge","key":"ord_1/1","amount":1998,"currency":"GBP","#
                + #""mode":"automatic","customer":"\#(alice)","answer":"captured","#
                + #""answer_reference":"ch_ord_1/1","answer_amount":1998,"#
                + #""at":1291204800000000}"# + "\n")
        #expect(try folder.mode(of: "ledger.ndjson") == 0o600)
    }

    @Test func `given a last line cut anywhere, then it never happened and the next line is whole`()
        throws
    {
        let folder = try TemporaryFolder()
        let bank = try ScriptedBank(directory: folder.path)
        _ = try bank.charge(charge("a"))
        let whole = try folder.bytes(of: "ledger.ndjson").count
        _ = try bank.charge(charge("b"))
        let bytes = try folder.bytes(of: "ledger.ndjson")
        for byteCount in whole..<bytes.count {
            try folder.write(Array(bytes.prefix(byteCount)), to: "ledger.ndjson")
            let again = try ScriptedBank(directory: folder.path)
            #expect(try again.lookup(key: "b") == .nothing, "\(byteCount) bytes")
            #expect(try folder.bytes(of: "ledger.ndjson").count == whole)
            _ = try again.charge(charge("b"))
            #expect(try folder.bytes(of: "ledger.ndjson") == bytes)
        }
    }

    @Test(arguments: [
        "x", "{}", "[]", #"{"op":"charge"}"#, #"{"op":"lost","key":"k"}"#,
        #"{"op":"gift","key":"k","at":1}"#, #"{"op":"lost","key":"k","at":1}}"#,
        #"{"op":"lost","op":"lost","key":"k","at":1}"#, #"{"op":"lost","key":"k","at":1.5}"#, "",
    ])
    func `given a damaged line in the middle, then the bank does not open and names file and line`(
        line: String
    ) throws {
        let folder = try TemporaryFolder()
        let bank = try ScriptedBank(directory: folder.path)
        _ = try bank.charge(charge("a"))
        let good = try folder.bytes(of: "ledger.ndjson")
        try folder.write(good + Array((line + "\n").utf8) + good, to: "ledger.ndjson")
        let error = #expect(throws: GatewayError.self) {
            try ScriptedBank(directory: folder.path)
        }
        #expect(error?.code == .ledgerDamaged)
        #expect(error?.message.contains("ledger.ndjson line 2 ") == true)
    }

    @Test func `given a folder that cannot be made, then the bank says so`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "file")
        let error = #expect(throws: GatewayError.self) {
            try ScriptedBank(directory: folder.path + "/file/bank")
        }
        #expect(error?.code == .io)
    }

    @Test func `given a ledger that is a link, then it is not followed`() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/ledger.ndjson", withDestinationPath: "/dev/null")
        #expect(
            code { () throws(GatewayError) in
                try ScriptedBank(directory: folder.path)
            } == .io)
    }

    @Test
    func
        `given a full disk, then the charge is an error, never an answer, and so is all that follows`()
        throws
    {
        let ledger = try BankLedgerFile.open(path: "/dev/full") { _ in }
        let bank = ScriptedBank(book: BankBook(), ledger: ledger, script: .yes, seed: 0)
        #expect(code { () throws(GatewayError) in try bank.charge(charge("a")) } == .io)
        #expect(code { () throws(GatewayError) in try bank.charge(charge("a")) } == .io)
        let reason =
            "cannot write /dev/full: No space left on device; check the folder's owner, "
            + "permissions and free space"
        #expect(try bank.lookup(key: "a") == .unknown(cause: reason))
    }

    @Test
    func `given many threads, when they charge one key and their own, then each is captured once`()
        async throws
    {
        let folder = try TemporaryFolder()
        let bank = try ScriptedBank(directory: folder.path)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    _ = try? bank.charge(charge("shared"))
                    _ = try? bank.charge(charge("own\(number)"))
                }
            }
        }
        #expect(bank.captureCount == 65)
        #expect(bank.callCount(forKey: "shared") == 64)
        #expect(try ScriptedBank(directory: folder.path).captureCount == 65)
    }
}
