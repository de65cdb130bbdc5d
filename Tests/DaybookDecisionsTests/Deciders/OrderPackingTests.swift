import DaybookCore
import Testing

@testable import DaybookDecisions

@Suite struct `Packing of orders` {
    /// Orders as a store may hold them, and such as only a forged log would lead to.
    private struct Sample {
        var random: SeededGenerator

        mutating func identifier() -> UInt128 {
            UInt128.random(in: 0...UInt128.max, using: &random)
        }

        mutating func chance(_ percent: Int) -> Bool {
            Int.random(in: 0..<100, using: &random) < percent
        }

        mutating func number() -> Int64 {
            chance(5)
                ? Int64.random(in: .min ... .max, using: &random)
                : Int64.random(in: 0..<100_000, using: &random)
        }

        mutating func units() -> Int32 { Int32.random(in: 0...20, using: &random) }

        mutating func order() -> OrderState? {
            var draft = OrderState.Draft()
            let id = identifier()
            draft.id = OrderID(rawValue: id)
            draft.number = UInt64.random(in: 0...(chance(5) ? .max : 100_000), using: &random)
            draft.userID = UserID(rawValue: identifier())
            draft.currency = Currency(rawValue: chance(70) ? "EUR" : "GBP")
            draft.netMinor = number()
            draft.taxMinor = number()
            draft.payableMinor = chance(80) ? draft.netMinor &+ draft.taxMinor : number()
            draft.captureMode = chance(30) ? .manual : .automatic
            draft.isImported = chance(20)
            let made = chance(80) ? Int64(truncatingIfNeeded: id >> 80) &* 1_000 : 0
            draft.placedAt = Instant(microseconds: made &+ number())
            if chance(60) {
                let seconds = chance(70) ? 900 : number()
                draft.expiresAt = Instant(
                    microseconds: draft.placedAt.microseconds &+ seconds &* 1_000_000)
            }
            draft.lastPosition = LogPosition(rawValue: UInt64(bitPattern: number()))
            draft.closure = chance(70) ? .open : chance(50) ? .cancelled : .expired
            draft.isProcessing = chance(30)
            draft.isConfirmationRequested = chance(50)
            goods(&draft)
            if chance(80) { draft.payment = payment(of: draft) }
            return try? OrderState(draft)
        }

        private mutating func goods(_ draft: inout OrderState.Draft) {
            let isMoved = chance(30)
            let locations = ["main", "Caf\u{E9}", "Cafe\u{301}"].compactMap(
                LocationID.init(rawValue:))
            let home = locations[Int.random(in: 0..<3, using: &random)]
            let isWhole = chance(60)
            for number in 1...Int.random(in: 1...6, using: &random) {
                guard let sku = SKU(rawValue: "P\(Int.random(in: 0..<300, using: &random))") else {
                    continue
                }
                let line = LineState(
                    sku: sku, quantity: units(), isUnstocked: chance(15),
                    shipped: isMoved ? units() : 0, returned: isMoved ? units() : 0)
                draft.lines.append(line)
                guard !line.isUnstocked else { continue }
                guard !isWhole else {
                    draft.reservations.append(
                        LineReservation(
                            lineNumber: Int32(number), location: home, reserved: line.quantity))
                    continue
                }
                for location in locations where chance(50) {
                    draft.reservations.append(
                        LineReservation(
                            lineNumber: Int32(number), location: location, reserved: units(),
                            released: units(), shipped: units(), restocked: units()))
                }
            }
            guard chance(10) else { return }
            draft.returns.append(
                ReturnState(
                    id: ReturnID(rawValue: identifier()),
                    lines: Quantity(rawValue: 2).map { [LineQuantity(lineNumber: 1, quantity: $0)] }
                        ?? [], isReceived: chance(50)))
        }

        private mutating func payment(of draft: OrderState.Draft) -> PaymentAccount? {
            guard let order = draft.id else { return nil }
            let id =
                chance(80)
                ? (order.rawValue >> 80) << 80 | identifier() & (1 << 80 - 1) : identifier()
            var payment = PaymentAccount(
                id: PaymentID(rawValue: id),
                attempt: chance(80) ? 1 : Int32(truncatingIfNeeded: number()),
                requestedMinor: chance(80) ? draft.payableMinor : number(),
                requestedAt: LogPosition(rawValue: UInt64(bitPattern: number())))
            payment.charge =
                ChargeState(rawValue: Int32.random(in: 1...7, using: &random)) ?? .captured
            payment.reference =
                chance(50)
                ? GatewayKey.charge(order, attempt: payment.attempt).description
                : chance(50) ? "" : "pi_3Mtw \(number())"
            payment.capturedMinor = chance(70) ? payment.requestedMinor : number()
            if chance(30) { payment.authorizedMinor = number() }
            if chance(30) { payment.authorizationExpiresAt = Instant(microseconds: number()) }
            guard chance(30) else { return payment }
            if chance(50) { payment.givenGatewayKey = chance(50) ? "" : "ours" }
            if chance(50) { payment.strayMinor = number() }
            payment.isHeld = chance(50)
            if chance(50) {
                payment.capture = CaptureInFlight(
                    id: CaptureID(rawValue: identifier()), amountMinor: number(),
                    position: LogPosition(rawValue: 7), isUnknown: chance(50))
            }
            if chance(50) { payment.voidRequestedAt = LogPosition(rawValue: 9) }
            if chance(50) {
                payment.refunds.append(
                    RefundState(
                        id: RefundID(rawValue: identifier()), amountMinor: number(),
                        position: LogPosition(rawValue: 11), progress: .succeeded))
            }
            return payment
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `given any order, when packed and unpacked, then it is the same and its payment is found`(
        seed: UInt64
    ) throws {
        var sample = Sample(random: SeededGenerator(seed: seed))
        var packing = OrderPacking()
        var packedCount = 0
        for step in 0..<2_000 {
            guard let order = sample.order() else { continue }
            packedCount += 1
            var writer = WireWriter()
            packing.encode(order, into: &writer)
            try writer.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                let copy = try packing.decode(order.id.rawValue, from: &reader)
                #expect(copy.isSame(as: order), "seed \(seed), step \(step)")
                #expect(
                    OrderPacking.payment(of: order.id.rawValue, in: bytes) == order.payment?.id,
                    "seed \(seed), step \(step)")
            }
        }
        #expect(packedCount > 1_900)
    }

    /// Unicode has two ways to write `é`; texts in either are equal, but what was recorded stays as it was.
    @Test func `given a location in two spellings, then the orders are equal, but not the same`()
        throws
    {
        let spellings = ["Caf\u{E9}", "Cafe\u{301}"]
        let orders = try spellings.map { spelling -> OrderState in
            var draft = OrderState.Draft()
            draft.id = OrderID(rawValue: 1)
            draft.userID = UserID(rawValue: 2)
            draft.currency = Currency(rawValue: "EUR")
            draft.captureMode = .automatic
            draft.lines = [
                LineState(
                    sku: try #require(SKU(rawValue: "A")), quantity: 1, isUnstocked: false)
            ]
            draft.reservations = [
                LineReservation(
                    lineNumber: 1, location: try #require(LocationID(rawValue: spelling)),
                    reserved: 1)
            ]
            return try OrderState(draft)
        }
        #expect(orders[0] == orders[1])
        #expect(!orders[0].isSame(as: orders[1]))
        #expect(orders[1].isSame(as: orders[1]))
        var packing = OrderPacking()
        for order in orders + orders {
            var writer = WireWriter()
            packing.encode(order, into: &writer)
            let copy = try writer.withUnsafeBytes { bytes throws(WireError) in
                var reader = WireReader(bytes)
                return try packing.decode(order.id.rawValue, from: &reader)
            }
            #expect(copy.isSame(as: order))
        }
        #expect(packing.locations.values.count == 2)
    }

    @Test func `given units that no sum can hold, when read, then refused`() throws {
        var draft = OrderState.Draft()
        draft.id = OrderID(rawValue: 1)
        draft.userID = UserID(rawValue: 2)
        draft.currency = Currency(rawValue: "EUR")
        draft.captureMode = .automatic
        draft.lines = [
            LineState(sku: try #require(SKU(rawValue: "A")), quantity: 1, isUnstocked: false)
        ]
        draft.reservations = [
            LineReservation(
                lineNumber: 1, location: try #require(LocationID(rawValue: "main")),
                reserved: .min, released: 1)
        ]
        #expect(throws: WireError.self) { try OrderState(draft) }
    }

    @Test(arguments: [UInt64(1), 2])
    func `given bytes that were changed, when unpacked, then an error or an order, never a trap`(
        seed: UInt64
    ) throws {
        var sample = Sample(random: SeededGenerator(seed: seed))
        var packing = OrderPacking()
        for _ in 0..<60 {
            guard let order = sample.order() else { continue }
            var writer = WireWriter()
            packing.encode(order, into: &writer)
            for index in 0..<writer.byteCount {
                for bit in [0x01, 0x08, 0x40, 0x80] as [UInt8] {
                    var bytes = writer.bytes
                    bytes[index] ^= bit
                    bytes.withUnsafeBytes { bytes in
                        var reader = WireReader(bytes)
                        let copy = try? packing.decode(order.id.rawValue, from: &reader)
                        _ = copy?.isSettled
                    }
                }
            }
        }
    }

    @Test func `given a paid order of two lines, when packed, then it takes 57 bytes`() throws {
        let shop = Scenario.shop().stocked("C", 100, at: "2.50").stocked("D", 100, at: "2.50")
        let id = shop.paid([OrderItem(sku: "C", quantity: 2), OrderItem(sku: "D", quantity: 1)])
        var order = try #require(shop.shop.order(id))
        order.payment?.reference = GatewayKey.charge(id, attempt: 1).description
        var packing = OrderPacking()
        var writer = WireWriter()
        packing.encode(order, into: &writer)
        // 26 of them are identifiers; the scenario's clock is far from what those say, which takes six more
        // than it does in a store.
        #expect(writer.byteCount == 57)
    }
}
