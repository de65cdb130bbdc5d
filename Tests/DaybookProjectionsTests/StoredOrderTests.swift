import DaybookCore
import DaybookDecisions
import GRDB
import Testing

@testable import DaybookProjections

/// What is stored in fewer bytes than it is shown in.
@Suite struct `Stored orders` {
    @Test(arguments: [
        (UInt128(0x0102) << 112 | 7, 1), (UInt128(0x0102) << 112 | 0xFFFF, 2),
        (UInt128(0x0103) << 112, 15), (UInt128.max, 16), (0, 16),
        (UInt128(0x0102) << 112, 0),
    ])
    func
        `given an identifier, when bound behind another, then the rest is stored and it comes back`(
            identifier: UInt128, byteCount: Int
        ) throws
    {
        let other = UInt128(0x0102) << 112
        let queue = try DatabaseQueue()
        try queue.write { database in
            let row = try RowStatement(database, "SELECT ?, ?, length(?1), typeof(?1)")
            row.bind(identifier: identifier, behind: other)
            row.bind(identifier: nil, behind: other)
            #expect(try row.step())
            #expect(row.optionalIdentifier(0, behind: other) == identifier)
            #expect(row.optionalIdentifier(1, behind: other) == nil)
            #expect(row.integer(2) == Int64(byteCount))
            #expect(row.text(3) == "blob")
            row.reset()
        }
    }

    @Test(arguments: ["ch-1", "1", "", "ord_00000000000000000000000401/2"])
    func `given a reference that is not the key of the charge, then it is stored as it is`(
        reference: String
    ) async throws {
        #expect(try await stored(reference) == "text \(reference)")
    }

    @Test
    func `given the key of the charge as reference, then the number of the attempt is stored`()
        async throws
    {
        let key = GatewayKey.charge(Cast.order(1), attempt: 1).description
        #expect(key == "ord_00000000000000000000000401/1")
        #expect(try await stored(key) == "integer 1")
    }

    @Test
    func `given identifiers of all digits, when shown in SQL, then they are written as in Swift`()
        throws
    {
        let queue = try DatabaseQueue()
        var generator = SplitMix64(seed: TestSeed.value)
        try queue.write { database in
            try database.execute(
                sql: "CREATE TABLE t (order_id BLOB, payment_reference, payment_id_end BLOB)")
            for _ in 0..<200 {
                let order = OrderID(
                    rawValue: UInt128(generator.next()) << 64 | UInt128(generator.next()))
                let other = UInt128(generator.next()) >> (generator.next() % 64)
                let payment = PaymentID(rawValue: order.rawValue ^ other)
                let insert = try RowStatement(database, "INSERT INTO t VALUES (?, 7, ?)")
                insert.bind(identifier: order.rawValue)
                insert.bind(identifier: payment.rawValue, behind: order.rawValue)
                try insert.run()
                let row = try RowStatement(
                    database,
                    "SELECT \(StoredOrderSQL.paymentReference), \(StoredOrderSQL.paymentID) FROM t")
                #expect(try row.step())
                #expect(row.text(0) == "\(order)/7")
                #expect(row.identifier(1) == payment.rawValue, "\(TestSeed.note)")
                row.reset()
                try database.execute(sql: "DELETE FROM t")
            }
        }
    }

    @Test func `given two orders of one id, when projected, then the second is refused`() throws {
        for isOpenedAnew in [false, true] {
            let folder = TestFolder()
            let path = folder.file("orders.sqlite")
            let file = try ReadModelFile.create(.orders, at: path, logID: History.logID)
            var projector = try OrdersProjector(file: file)
            var history = History()
            history.record(.placed(1, [Want(Cast.book, 1)]))
            history.record(.placed(2, [Want(Cast.book, 1)]))
            try projector.deliver(history)
            if isOpenedAnew {
                try projector.close()
                projector = try OrdersProjector(file: ReadModelFile.open(.orders, at: path))
            }
            history.record(.placed(3, [Want(Cast.book, 1)], id: Cast.order(1)))
            let error = #expect(throws: ReadModelError.self) { try projector.deliver(history) }
            #expect(error?.message.contains("two orders") == true)
            try projector.close()
        }
    }

    /// Kind and text of what is stored of a reference; selectors and views give it back.
    private func stored(_ reference: String) async throws -> String {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(
            .paymentCaptured(
                PaymentCaptured(
                    paymentID: Cast.payment(1), orderID: Cast.order(1), captureID: nil,
                    amount: Cast.pounds(999), reference: reference)))
        let bench = try ShopBench(history, [.orders])
        let detail = try await bench.models.order(orderID: Cast.order(1)).value
        #expect(detail.order.summary.paymentReference == reference)
        #expect(detail.payments.map(\.reference) == [reference])
        #expect(detail.payments.map(\.paymentID) == [Cast.payment(1)])
        for (view, column) in [("orders", "payment_reference"), ("payments", "reference")] {
            let shown = try ReadModelName.orders.rows(
                view, "payment_id \(column)", after: history)
            #expect(shown == "payment_id | \(column)\n\(Cast.payment(1)) | \(reference)")
        }
        let folder = TestFolder()
        let file = try ReadModelFile.open(
            .orders, at: ReadModelName.orders.project(history, into: folder))
        defer { try? file.close() }
        return try file.withDatabase { database in
            let row = try RowStatement(
                database, "SELECT typeof(payment_reference), payment_reference FROM stored_orders")
            guard try row.step() else { return "" }
            defer { row.reset() }
            return row.text(0) + " " + row.text(1)
        }
    }
}
