import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Orders projector` {
    private let columns = "status payment_state fulfilment_state closure captured_minor updated_at"

    private func rows(_ history: History) throws -> [String] {
        try ReadModelName.orders.rows("orders", columns, after: history)
            .split(separator: "\n").dropFirst().map(String.init)
    }

    @Test func `D-53 given an order, when projected, then order and lines are as they were agreed`()
        throws
    {
        var history = History()
        history.record(
            .placed(
                1, [Want(Cast.book, 2), Want(Cast.lamp, 1, at: 2_050), Want(Cast.book, 1)],
                taxOf: 1_000, expiresAt: History.dawn.advanced(bySeconds: 900),
                address: Sealed(box: [0xCA, 0xFE], keyVersion: 3)),
            .paymentRequested(1, 5_551))
        #expect(
            try ReadModelName.orders.rows(
                "orders",
                """
                order_number order_id user_id currency net_minor tax_minor payable_minor \
                tax_rate_bps rounding capture_mode line_count unit_count created_at expires_at \
                shipping_address shipping_address_key status payment_id position
                """, after: history)
                    == """
                    order_number | order_id | user_id | currency | net_minor | tax_minor | payable_minor | tax_rate_bps | rounding | capture_mode | line_count | unit_count | created_at | expires_at | shipping_address | shipping_address_key | status | payment_id | position
                    1 | ord_00000000000000000000000401 | usr_00000000000000000000000051 | GBP | 5047 | 503 | 5550 | 1000 | half_up | automatic | 3 | 4 | 2026-01-01T00:00:00Z | 2026-01-01T00:15:00Z | cafe | 3 | pending | pay_00000000000000000000000801 | 2
                    """)
        #expect(
            try ReadModelName.orders.rows(
                "order_lines",
                "order_number line_number sku name quantity unit_price_minor net_minor tax_minor",
                after: history)
                    == """
                    order_number | line_number | sku | name | quantity | unit_price_minor | net_minor | tax_minor
                    1 | 1 | BOOK | The BOOK | 2 | 999 | 1998 | 199
                    1 | 2 | LAMP | The LAMP | 1 | 2050 | 2050 | 205
                    1 | 3 | BOOK | The BOOK | 1 | 999 | 999 | 99
                    """)
    }

    @Test
    func
        `P-14 given the way to a delivered parcel, when projected step by step, then each status shows`()
        throws
    {
        let steps: [(Event, String)] = [
            (
                .placed(1, [Want(Cast.book, 3)]),
                "pending | none | unfulfilled | open | 0 | 2026-01-01T00:00:00Z"
            ),
            (
                .paymentRequested(1, 2_997),
                "pending | pending | unfulfilled | open | 0 | 2026-01-01T00:00:01Z"
            ),
            (
                .outcomeUnknown(1),
                "pending | unknown | unfulfilled | open | 0 | 2026-01-01T00:00:02Z"
            ),
            (
                .captured(1, 2_997),
                "paid | captured | unfulfilled | open | 2997 | 2026-01-01T00:00:03Z"
            ),
            (
                .started(1),
                "processing | captured | unfulfilled | open | 2997 | 2026-01-01T00:00:04Z"
            ),
            (
                .dispatched(1, 1, [(1, 1)]),
                "processing | captured | partially_shipped | open | 2997 | 2026-01-01T00:00:05Z"
            ),
            (
                .dispatched(1, 2, [(1, 2)]),
                "shipped | captured | shipped | open | 2997 | 2026-01-01T00:00:06Z"
            ),
            (
                .returnRequested(1, 1, [(1, 3)]),
                "shipped | captured | shipped | open | 2997 | 2026-01-01T00:00:07Z"
            ),
            (
                .returnReceived(1, 1, [(1, 1)]),
                "shipped | captured | partially_returned | open | 2997 | 2026-01-01T00:00:08Z"
            ),
            (
                .returnReceived(1, 1, [(1, 2)]),
                "returned | captured | returned | open | 2997 | 2026-01-01T00:00:09Z"
            ),
            (
                .refundRequested(1, 1, 1_000),
                "returned | captured | returned | open | 2997 | 2026-01-01T00:00:10Z"
            ),
            (
                .refundSucceeded(1, 1, 1_000),
                "returned | partially_refunded | returned | open | 2997 | 2026-01-01T00:00:11Z"
            ),
            (
                .refundRequested(1, 2, 1_997),
                "returned | partially_refunded | returned | open | 2997 | 2026-01-01T00:00:12Z"
            ),
            (
                .refundSucceeded(1, 2, 1_997),
                "returned | refunded | returned | open | 2997 | 2026-01-01T00:00:13Z"
            ),
        ]
        var history = History()
        for (event, expected) in steps {
            history.record(event)
            #expect(try rows(history) == [expected])
        }
    }

    @Test func `P-14 given every way to end early, when projected, then the status says which`()
        throws
    {
        var history = History()
        for number in 1...5 as ClosedRange<UInt64> {
            history.record(Event.bookSold(number), advancing: 0)
        }
        history.record(
            .declined(1), .cancelled(2), .expired(3, deadline: History.dawn),
            .authorized(4, 999), advancing: 0)
        history.record(
            .latePaymentReceived(
                LatePaymentReceived(
                    paymentID: Cast.payment(2), orderID: Cast.order(2),
                    expected: Cast.pounds(999), actual: Cast.pounds(999), reference: "ch-2")),
            .refundRequested(2, 1, 999), advancing: 0)
        history.record(
            .paymentAmountMismatchDetected(
                PaymentAmountMismatchDetected(
                    paymentID: Cast.payment(5), orderID: Cast.order(5),
                    expected: Cast.pounds(999), actual: Cast.pounds(1), reference: "ch-5")),
            advancing: 0)
        #expect(
            try rows(history) == [
                "payment_failed | declined | unfulfilled | open | 0 | 2026-01-01T00:00:00Z",
                "cancelled | captured | unfulfilled | cancelled | 0 | 2026-01-01T00:00:00Z",
                "expired | pending | unfulfilled | expired | 0 | 2026-01-01T00:00:00Z",
                "pending | authorized | unfulfilled | open | 0 | 2026-01-01T00:00:00Z",
                "pending | unknown | unfulfilled | open | 0 | 2026-01-01T00:00:00Z",
            ])
        #expect(
            try ReadModelName.orders.rows(
                "payments", "state charge captured_minor stray_minor held failure_code",
                after: history)
                    == """
                    state | charge | captured_minor | stray_minor | held | failure_code
                    declined | declined | 0 | 0 | 0 | insufficient_funds
                    captured | captured | 0 | 999 | 0 | \("")
                    pending | in_flight | 0 | 0 | 0 | \("")
                    authorized | authorized | 0 | 0 | 0 | \("")
                    unknown | mismatched | 0 | 1 | 1 | amount_mismatch
                    """)
    }

    @Test func `given a declined order, when paid by another attempt, then it is paid`() throws {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.declined(1))
        history.record(.paymentRequested(1, 999, attempt: 2))
        #expect(
            try rows(history) == [
                "pending | pending | unfulfilled | open | 0 | 2026-01-01T00:00:02Z"
            ])
        history.record(.captured(1, 999))
        #expect(
            try rows(history) == [
                "paid | captured | unfulfilled | open | 999 | 2026-01-01T00:00:03Z"
            ])
        #expect(
            try ReadModelName.orders.rows(
                "payments",
                "attempt state amount_minor captured_minor reference failure_code in_flight",
                after: history)
                    == """
                    attempt | state | amount_minor | captured_minor | reference | failure_code | in_flight
                    2 | captured | 999 | 999 | ch-1 |  | \("")
                    """)
    }

    @Test func `given an order with a payment, when another is asked for, then it waits`() throws {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(
            .paymentRequested(
                PaymentRequested(
                    paymentID: Cast.payment(2), orderID: Cast.order(1), attempt: 1,
                    amount: Cast.pounds(1), captureMode: .automatic)))
        #expect(
            try ReadModelName.orders.rows("payments", "payment_id amount_minor", after: history)
                == "payment_id | amount_minor\n\(Cast.payment(1)) | 999")
        #expect(
            try ReadModelName.orders.rows("parked_events", "position reason", after: history)
                == "position | reason\n3 | the order has another payment, \(Cast.payment(1))")
    }

    @Test
    func `given every word, when asked in SQL, then the views show it and the selectors name it`()
        async throws
    {
        let bench = try ShopBench(.everyStatus, [.orders])
        let file = try ReadModelFile.open(.orders, at: bench.folder.file("orders.sqlite"))
        for summary in try await bench.models.orders().value.items {
            let payment = try #require(
                try await bench.models.order(orderID: summary.orderID).value.payments.first)
            try file.withDatabase { database in
                let row = try RowStatement(
                    database,
                    """
                    SELECT orders.status, payment_state, fulfilment_state, closure, origin, state,
                    payments.charge, payments.capture_mode, in_flight, requested_at,
                    payments.updated_at
                    FROM orders JOIN payments USING (order_number) WHERE order_number = ?
                    """)
                row.bind(Int64(summary.orderNumber))
                #expect(try row.step())
                #expect(
                    (0..<8).map { row.text($0) } == [
                        summary.status, summary.paymentState, summary.fulfilmentState,
                        summary.closure, summary.origin, payment.state, payment.charge,
                        payment.captureMode,
                    ])
                #expect(row.optionalText(8) == payment.inFlight)
                #expect(row.instant(9) == payment.requestedAt.instant)
                #expect(row.instant(10) == payment.updatedAt.instant)
                row.reset()
            }
        }
        try file.close()
    }

    @Test
    func `G-13 given manual capture, when a capture fails and another succeeds, then it is paid`()
        throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.authorized(1, 999))
        history.record(.captureRequested(1, 999))
        #expect(
            try ReadModelName.orders.rows(
                "payments", "state in_flight in_flight_since", after: history)
                == "state | in_flight | in_flight_since\nauthorized | capture | 2026-01-01T00:00:02Z"
        )
        history.record(
            .paymentDeclined(
                PaymentDeclined(
                    paymentID: Cast.payment(1), orderID: Cast.order(1), attempt: 1,
                    code: "do_not_honor", reason: "no", captureID: CaptureID(rawValue: 1))))
        #expect(
            try rows(history) == [
                "pending | authorized | unfulfilled | open | 0 | 2026-01-01T00:00:03Z"
            ])
        history.record(.captureRequested(1, 999))
        history.record(.captured(1, 999))
        #expect(
            try rows(history) == [
                "paid | captured | unfulfilled | open | 999 | 2026-01-01T00:00:05Z"
            ])
    }

    @Test func `given a voided authorisation, when projected, then the money axis says voided`()
        throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.authorized(1, 999))
        let void = PaymentVoidRequested(
            paymentID: Cast.payment(1), orderID: Cast.order(1), reference: "auth-1")
        history.record(.cancelled(1), .paymentVoidRequested(void))
        #expect(
            try ReadModelName.orders.rows("payments", "state in_flight", after: history)
                == "state | in_flight\nauthorized | void")
        history.record(
            .paymentVoided(
                PaymentVoided(
                    paymentID: Cast.payment(1), orderID: Cast.order(1), reference: "auth-1")))
        #expect(
            try rows(history) == [
                "cancelled | voided | unfulfilled | cancelled | 0 | 2026-01-01T00:00:03Z"
            ])
    }

    @Test func `given an order of postage and goods, when both are sent, then it is shipped`()
        throws
    {
        var history = History()
        history.record(
            .placed(1, [Want(Cast.book, 2), Want(Cast.post, 1, at: 300)], unstocked: [Cast.post]))
        history.record(.dispatched(1, 1, [(1, 2)]))
        #expect(
            try rows(history) == [
                "processing | none | partially_shipped | open | 0 | 2026-01-01T00:00:01Z"
            ])
        history.record(.dispatched(1, 2, [(2, 1)]))
        #expect(
            try rows(history) == [
                "shipped | none | shipped | open | 0 | 2026-01-01T00:00:02Z"
            ])
    }

    @Test func `given a free order, when projected, then it is paid without a payment`() throws {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 1, at: 0)]))
        #expect(
            try rows(history) == [
                "paid | none | unfulfilled | open | 0 | 2026-01-01T00:00:00Z"
            ])
    }

    @Test func `given parcels and a return, when projected, then tables and lines agree`() throws {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 3), Want(Cast.lamp, 1)]))
        history.record(.dispatched(1, 1, [(1, 2), (2, 1)]))
        history.record(.dispatched(1, 2, [(1, 1)]))
        history.record(.returnRequested(1, 1, [(1, 2)]))
        history.record(
            .returnReceived(
                ReturnReceived(
                    orderID: Cast.order(1), returnID: Cast.goodsReturn(1),
                    lines: [ReturnedLine(lineNumber: 1, received: 2, damaged: 1)])))
        #expect(
            try ReadModelName.orders.rows(
                "shipments",
                "order_number location carrier tracking unit_count lines dispatched_at",
                after: history)
                    == """
                    order_number | location | carrier | tracking | unit_count | lines | dispatched_at
                    1 | depot | Post |  | 3 | [[1,2],[2,1]] | 2026-01-01T00:00:01Z
                    1 | depot | Post |  | 1 | [[1,1]] | 2026-01-01T00:00:02Z
                    """)
        #expect(
            try ReadModelName.orders.rows(
                "returns",
                "state requested_units received_units damaged_units lines requested_at received_at",
                after: history)
                    == """
                    state | requested_units | received_units | damaged_units | lines | requested_at | received_at
                    received | 2 | 2 | 1 | [[1,2]] | 2026-01-01T00:00:03Z | 2026-01-01T00:00:04Z
                    """)
        #expect(
            try ReadModelName.orders.rows(
                "order_lines", "line_number quantity shipped returned", after: history)
                    == """
                    line_number | quantity | shipped | returned
                    1 | 3 | 3 | 2
                    2 | 1 | 1 | 0
                    """)
    }

    @Test func `given a failed refund, when projected, then nothing went back`() throws {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.captured(1, 999))
        history.record(.refundRequested(1, 1, 500))
        history.record(
            .refundFailed(
                RefundFailed(
                    paymentID: Cast.payment(1), orderID: Cast.order(1), refundID: Cast.refund(1),
                    amount: Cast.pounds(500), code: "expired_card")))
        #expect(
            try ReadModelName.orders.rows(
                "refunds", "state amount_minor reason reference failure_code", after: history)
                    == """
                    state | amount_minor | reason | reference | failure_code
                    failed | 500 | broken |  | expired_card
                    """)
        #expect(
            try rows(history) == [
                "paid | captured | unfulfilled | open | 999 | 2026-01-01T00:00:03Z"
            ])
    }

    @Test
    func
        `S-114 given one product on two lines and in two orders, then lines, orders and units differ`()
        throws
    {
        var history = History()
        history.record(.placed(1, [Want(Cast.book, 2), Want(Cast.book, 1), Want(Cast.lamp, 1)]))
        history.record(.placed(2, [Want(Cast.book, 4)]))
        history.record(.placed(3, by: Cast.bob, [Want(Cast.book, 1)]))
        #expect(
            try ReadModelName.orders.rows(
                "user_products",
                "user_id sku name last_ordered times_ordered order_count ordered_units",
                after: history)
                    == """
                    user_id | sku | name | last_ordered | times_ordered | order_count | ordered_units
                    usr_00000000000000000000000051 | BOOK | The BOOK | 2026-01-01T00:00:01Z | 3 | 2 | 7
                    usr_00000000000000000000000051 | LAMP | The LAMP | 2026-01-01T00:00:00Z | 1 | 1 | 1
                    usr_0000000000000000000000005g | BOOK | The BOOK | 2026-01-01T00:00:02Z | 1 | 1 | 1
                    """)
    }

    @Test
    func `P-15 given a later price, when projected, then the order's lines stay as they were`()
        throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        let before = try ReadModelName.orders.rows(
            "order_lines", "unit_price_minor", after: history)
        history.record(
            .priceChanged(
                PriceChanged(
                    sku: Cast.book, oldPrice: Cast.pounds(999), newPrice: Cast.pounds(1))))
        #expect(before == "unit_price_minor\n999")
        #expect(
            try ReadModelName.orders.rows("order_lines", "unit_price_minor", after: history)
                == before)
    }

    @Test
    func
        `given more parked than the limit, when projected, then the run is refused with its position`()
        throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let file = try ReadModelFile.create(.orders, at: path, logID: History.logID)
        file.parkedLimit = 0
        let projector = try OrdersProjector(file: file)
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.started(2))
        let error = #expect(throws: ProjectionError.self) { try projector.deliver(history) }
        #expect(error?.position == LogPosition(rawValue: 3))
        #expect(try file.text(of: "orders", columns: "order_number") == "order_number")

        try projector.project([history.batches[0]], checkpoint: history.checkpoint(afterBatches: 1))
        try file.stop(try #require(error).stop)
        try projector.close()
        let again = try ReadModelFile.open(.orders, at: path)
        #expect(again.checkpoint == history.checkpoint(afterBatches: 1))
        #expect(again.stop?.position == LogPosition(rawValue: 3))
        #expect(
            again.stop?.reason
                == "ProcessingStarted: more than 0 events are parked")
        try again.close()
    }
}
