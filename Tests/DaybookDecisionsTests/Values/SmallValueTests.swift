import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Small values` {
    @Test func `S-007 given the words of the reference, then they are statuses spelled so`() {
        #expect(
            OrderStatus.allCases.map(\.name) == [
                "pending", "paid", "payment_failed", "processing", "shipped", "delivered",
                "returned", "cancelled", "expired",
            ])
        #expect(OrderStatus.allCases.filter(\.isActive) == [.pending, .processing, .shipped])
    }

    @Test func `P-14 given the axes, then the status is the first that matches`() {
        func status(
            _ closure: Closure = .open, _ fulfilment: FulfilmentState = .unfulfilled,
            processing: Bool = false, declined: Bool = false, paid: Bool = false,
            fullyShipped: Bool = false
        ) -> OrderStatus {
            OrderStatus(
                closure: closure, fulfilment: fulfilment, isProcessing: processing,
                isDeclined: declined, isPaid: paid, isFullyShipped: fullyShipped)
        }
        #expect(status() == .pending)
        #expect(status(paid: true) == .paid)
        #expect(status(declined: true) == .paymentFailed)
        #expect(status(processing: true, paid: true) == .processing)
        #expect(status(.open, .partiallyShipped, paid: true) == .processing)
        #expect(status(.open, .shipped, processing: true, paid: true) == .shipped)
        #expect(status(.open, .partiallyReturned, paid: true, fullyShipped: true) == .shipped)
        #expect(status(.open, .partiallyReturned, paid: true) == .processing)
        #expect(status(.open, .returned, paid: true, fullyShipped: true) == .returned)
        #expect(status(.open, .delivered, paid: true, fullyShipped: true) == .delivered)
        #expect(status(.cancelled, .unfulfilled, paid: true) == .cancelled)
        #expect(status(.expired, .unfulfilled) == .expired)
    }

    @Test func `given unit counts, then the fulfilment state follows`() {
        func state(_ shipped: Int64, _ returned: Int64) -> String {
            FulfilmentState(ordered: 3, shipped: shipped, returned: returned).name
        }
        #expect(state(0, 0) == "unfulfilled")
        #expect(state(2, 0) == "partially_shipped")
        #expect(state(3, 0) == "shipped")
        #expect(state(3, 1) == "partially_returned")
        #expect(state(2, 2) == "partially_returned")
        #expect(state(3, 3) == "returned")
    }

    @Test func `given keys of every kind, when written and read, then they are the same`() {
        let order = OrderID(rawValue: 77)
        let keys: [GatewayKey] = [
            .charge(order, attempt: 1), .charge(order, attempt: 12), .void(order),
            .capture(order, CaptureID(rawValue: 5)), .refund(order, RefundID(rawValue: 6)),
        ]
        for key in keys { #expect(GatewayKey(key.description) == key) }
        #expect(GatewayKey.charge(order, attempt: 1).description == "\(order)/1")
        for text in [
            "", "\(order)", "\(order)/", "\(order)/0", "\(order)/01", "\(order)/-1", "x/1",
        ] {
            #expect(GatewayKey(text) == nil)
        }
    }

    @Test func `given texts, then idempotency keys are 1 to 255 visible ASCII characters`() {
        #expect(IdempotencyKey("a-1")?.rawValue == "a-1")
        #expect(IdempotencyKey(String(repeating: "x", count: 255)) != nil)
        for text in ["", String(repeating: "x", count: 256), "a b", "ä", "a\n"] {
            #expect(IdempotencyKey(text) == nil)
        }
    }

    @Test func `D-09 given counts, then quantities are 1 to 100,000`() {
        #expect(Quantity(rawValue: 1) != nil)
        #expect(Quantity(rawValue: 100_000) != nil)
        for count: Int32 in [0, -1, 100_001, .min, .max] {
            #expect(Quantity(rawValue: count) == nil)
        }
    }
}
