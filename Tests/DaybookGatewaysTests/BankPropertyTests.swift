import DaybookCore
import DaybookDecisions
import DaybookGateways
import Foundation
import Testing

@Suite struct `Any run of the scripted bank` {
    /// SplitMix64, so that a seed gives the same run everywhere.
    private struct Draws {
        var state: UInt64

        mutating func next(below bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return Int((value ^ value >> 31) % UInt64(bound))
        }
    }

    private static let scripts: [BankScript] = [
        .yes, .yes, .decline(code: "expired_card"), .unknown, .unknownThenCaptured,
        .unknownThenDeclined(code: "expired_card"), .twice,
    ]

    private static var seed: UInt64 {
        let given = ProcessInfo.processInfo.environment["DAYBOOK_SEED"].flatMap { UInt64($0) }
        return given ?? 20_101_201
    }

    /// Sends requests with few keys, so that keys, references and reopenings collide.
    private func run(
        _ draws: inout Draws, stepCount: Int, in directory: String
    ) throws -> ScriptedBank {
        var bank = try ScriptedBank(directory: directory)
        for _ in 0..<stepCount {
            bank.follow(Self.scripts[draws.next(below: 7)])
            let charged = "k\(draws.next(below: 12))"
            let amount = gbp(Int64(draws.next(below: 3) * 50))
            let key = "\(charged)/\(draws.next(below: 3))"
            do {
                switch draws.next(below: 6) {
                case 0: bank = try ScriptedBank(directory: directory)
                case 1:
                    _ = try bank.capture(
                        key: key, reference: "ch_" + charged, amount: amount, at: noon)
                case 2: _ = try bank.void(key: key, reference: "ch_" + charged, at: noon)
                case 3:
                    _ = try bank.refund(
                        key: key, reference: "ch_" + charged, amount: amount, at: noon)
                default:
                    let mode = CaptureMode.allCases[draws.next(below: 2)]
                    _ = try bank.charge(charge(charged, 100, mode: mode))
                }
            } catch {
                #expect(error.code != .io && error.code != .ledgerDamaged)
            }
        }
        return bank
    }

    @Test
    func
        `P-12 and P-13: no key captures twice, no more goes back than was taken, and reopening changes nothing`()
        throws
    {
        let seed = Self.seed
        var draws = Draws(state: seed)
        for round in 0..<40 {
            let context = Comment("DAYBOOK_SEED=\(seed), round \(round)")
            let folder = try TemporaryFolder()
            let bank = try run(&draws, stepCount: 150, in: folder.path)
            let lines = String(decoding: try folder.bytes(of: "ledger.ndjson"), as: UTF8.self)
                .split(separator: "\n")
            let captures = lines.filter { $0.contains(#""answer":"captured""#) }
            #expect(captures.count == bank.captureCount, context)
            #expect(Set(bank.capturedKeys).count == bank.captureCount, context)
            for total in bank.totals {
                // Every charge is over 100 and is captured in parts at most up to that.
                #expect(total.captured <= 100 * 12, context)
                #expect((0...total.captured).contains(total.refunded), context)
            }
            let again = try ScriptedBank(directory: folder.path)
            #expect(again.totals == bank.totals, context)
            #expect(again.capturedKeys == bank.capturedKeys, context)
            #expect(again.messages() == bank.messages(), context)
        }
    }
}
