import DaybookCore
import Testing

private struct CountingSource: IdentifierSource {
    var last: UInt128 = 0

    mutating func next() -> UInt128 {
        last += 1
        return last
    }
}

@Suite struct `Typed identifier` {
    /// The example of the TypeID specification: UUID 01890a5d-ac96-774b-bcce-b302099a8057.
    private let example: UInt128 = 0x0189_0A5D_AC96_774B_BCCE_B302_099A_8057

    @Test
    func `given the example of the TypeID specification, when written, then it reads as there`() {
        #expect(OrderID(rawValue: example).description == "ord_01h455vb4pex5vsknk084sn02q")
        #expect(OrderID("ord_01h455vb4pex5vsknk084sn02q")?.rawValue == example)
    }

    @Test func `given the least and greatest identifier, when written, then all 26 digits stand`() {
        #expect(UserID(rawValue: 0).description == "usr_00000000000000000000000000")
        #expect(UserID(rawValue: .max).description == "usr_7zzzzzzzzzzzzzzzzzzzzzzzzz")
        #expect(UserID("usr_7zzzzzzzzzzzzzzzzzzzzzzzzz")?.rawValue == .max)
    }

    @Test(arguments: [
        "", "ord", "ord_", "ord_01h455vb4pex5vsknk084sn02", "ord_01h455vb4pex5vsknk084sn02q0",
        "usr_01h455vb4pex5vsknk084sn02q", "ORD_01h455vb4pex5vsknk084sn02q",
        "ord_01H455VB4PEX5VSKNK084SN02Q", "ord_81h455vb4pex5vsknk084sn02q",
        "ord_01h455vb4pex5vsknk084sn02i", "ord_01h455vb4pex5vsknk084sn02l",
        "ord_01h455vb4pex5vsknk084sn02o", "ord_01h455vb4pex5vsknk084sn02u",
        "ord_01h455vb4pex5vsknk084sn02é", "ord_ 1h455vb4pex5vsknk084sn02q",
        "ord_\u{308}01h455vb4pex5vsknk084sn02q", "ord-01h455vb4pex5vsknk084sn02q",
        " ord_01h455vb4pex5vsknk084sn02q", "01h455vb4pex5vsknk084sn02q",
    ])
    func `given malformed text, when read, then there is no identifier`(text: String) {
        #expect(OrderID(text) == nil)
    }

    @Test func `given any identifiers, when written, then text reads back and sorts like numbers`()
    {
        var generator = SeededGenerator.fromEnvironment(for: "identifiers round trip")
        for _ in 0..<2_000 {
            let first = OrderID(rawValue: .random(in: 0 ... .max, using: &generator))
            let second = OrderID(rawValue: .random(in: 0 ... .max, using: &generator))
            #expect(OrderID(first.description) == first)
            #expect((first < second) == (first.description < second.description))
            #expect(OrderID(Substring(first.description)) == first)
        }
    }

    @Test
    func `given every kind, when its prefix and label are compared, then no two are the same`() {
        let kinds: [any TypedIdentifier.Type] = [
            OrderID.self, UserID.self, PaymentID.self, ShipmentID.self, ReturnID.self,
            VerificationID.self, MailID.self, RefundID.self, CaptureID.self, CorrelationID.self,
            LogID.self,
        ]
        #expect(Set(kinds.map { $0.prefix }).count == kinds.count)
        #expect(Set(kinds.map { $0.tagLabel }).count == kinds.count)
        #expect(kinds.allSatisfy { $0.prefix.utf8.count == 3 })
    }

    @Test func `given a source, when asked for kinds, then each takes the next number`() {
        var source = CountingSource()
        let order: OrderID = source.make()
        let user = source.make(UserID.self)
        #expect(order == OrderID(rawValue: 1))
        #expect(user == UserID(rawValue: 2))
    }
}

@Suite struct `Time-ordered identifier` {
    @Test func `given a time and entropy, when composed, then RFC 9562 finds version and variant`()
    {
        // The example of RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
        let composed = timeOrderedIdentifier(
            at: Instant(microseconds: 1_645_557_742_000_000),
            entropy: 0xCC3 << 62 | 0x18C4_DC0C_0C07_398F)
        #expect(composed == 0x017F_22E2_79B0_7CC3_98C4_DC0C_0C07_398F)
    }

    @Test func `given all bits of entropy, when composed, then only 74 of them are used`() {
        let composed = timeOrderedIdentifier(at: Instant(microseconds: 0), entropy: .max)
        #expect(composed == 0x0000_0000_0000_7FFF_BFFF_FFFF_FFFF_FFFF)
        let none = timeOrderedIdentifier(at: Instant(microseconds: 0), entropy: 0)
        #expect(none == 0x0000_0000_0000_7000_8000_0000_0000_0000)
    }

    @Test func `given a time before 1970, when composed, then it counts as 1970`() {
        #expect(
            timeOrderedIdentifier(at: Instant(microseconds: .min), entropy: 5)
                == timeOrderedIdentifier(at: Instant(microseconds: 0), entropy: 5))
    }

    @Test func `given the last instant, when composed, then only 48 bits of time are kept`() {
        let milliseconds = UInt128(Int64.max / 1_000) & 0xFFFF_FFFF_FFFF
        #expect(
            timeOrderedIdentifier(at: Instant(microseconds: .max), entropy: 0) >> 80 == milliseconds
        )
    }

    @Test func `given later milliseconds, when composed, then identifiers sort by time`() {
        var generator = SeededGenerator.fromEnvironment(for: "identifiers sort by time")
        for _ in 0..<1_000 {
            let time = Int64.random(in: 0...4_000_000_000_000_000, using: &generator)
            let early = timeOrderedIdentifier(
                at: Instant(microseconds: time), entropy: .random(in: 0 ... .max, using: &generator)
            )
            let late = timeOrderedIdentifier(
                at: Instant(microseconds: time + 1_000),
                entropy: .random(in: 0 ... .max, using: &generator))
            #expect(early < late)
        }
    }
}
