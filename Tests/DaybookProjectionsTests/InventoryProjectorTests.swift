import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Inventory projector` {
    @Test func `given a product with changes, when projected, then one row holds the latest`()
        throws
    {
        var history = History()
        history.record(.added(Cast.book, 999))
        history.record(
            .priceChanged(
                PriceChanged(
                    sku: Cast.book, oldPrice: Cast.pounds(999), newPrice: Cast.pounds(1_250))),
            .productRenamed(ProductRenamed(sku: Cast.book, name: "A better book")))
        history.record(.added(Cast.post, 300, stocked: false))
        history.record(.productDiscontinued(ProductDiscontinued(sku: Cast.post)))

        let rows = try ReadModelName.inventory.rows(
            "products",
            "sku name price_minor currency stocked on_sale backorder created_at updated_at position",
            after: history)
        #expect(
            rows == """
                sku | name | price_minor | currency | stocked | on_sale | backorder | created_at | updated_at | position
                BOOK | A better book | 1250 | GBP | 1 | 1 | 0 | 2026-01-01T00:00:00Z | 2026-01-01T00:00:01Z | 3
                POST | The POST | 300 | GBP | 0 | 0 | 0 | 2026-01-01T00:00:02Z | 2026-01-01T00:00:03Z | 5
                """)
    }

    /// Source: DOMAIN.md section 3.3.
    @Test func `given every kind of movement, when projected, then the figures follow the table`()
        throws
    {
        var history = History()
        let two = [Want(Cast.book, 2)]
        history.record(.added(Cast.book), .received(Cast.book, 10))
        history.record(.received(Cast.book, 4, at: Cast.depot))
        history.record(
            .stockAdjusted(
                StockAdjusted(sku: Cast.book, location: .main, delta: -1, reason: "lost")))
        history.record(.reserved(1, two))
        history.record(.reserved(2, two), .released(2, two))
        history.record(.stockShipped(1, 1, two))
        history.record(.restocked(1, 1, [Want(Cast.book, 1)]))

        #expect(
            try ReadModelName.inventory.rows(
                "stock", "sku location on_hand reserved backordered available", after: history)
                    == """
                    sku | location | on_hand | reserved | backordered | available
                    BOOK | depot | 4 | 0 | 0 | 4
                    BOOK | main | 8 | 0 | 0 | 8
                    """)
        #expect(
            try ReadModelName.inventory.rows(
                "stock_movements", "position ordinal sku location kind quantity order_id",
                after: history)
                    == """
                    position | ordinal | sku | location | kind | quantity | order_id
                    2 | 1 | BOOK | main | received | 10 | \("")
                    3 | 1 | BOOK | depot | received | 4 | \("")
                    4 | 1 | BOOK | main | adjusted | -1 | \("")
                    5 | 1 | BOOK | main | reserved | 2 | ord_00000000000000000000000401
                    6 | 1 | BOOK | main | reserved | 2 | ord_00000000000000000000000402
                    7 | 1 | BOOK | main | released | 2 | ord_00000000000000000000000402
                    8 | 1 | BOOK | main | shipped | 2 | ord_00000000000000000000000401
                    9 | 1 | BOOK | main | restocked | 1 | ord_00000000000000000000000401
                    """)
    }

    @Test func `given two lines of one product, when reserved, then two movements and one sum`()
        throws
    {
        var history = History()
        history.record(.added(Cast.book), .received(Cast.book, 10))
        history.record(.reserved(1, [Want(Cast.book, 3), Want(Cast.book, 4)]))
        #expect(
            try ReadModelName.inventory.rows(
                "stock_movements", "position ordinal quantity", after: history)
                    == """
                    position | ordinal | quantity
                    2 | 1 | 10
                    3 | 1 | 3
                    3 | 2 | 4
                    """)
        #expect(
            try ReadModelName.inventory.rows("stock", "reserved available", after: history)
                == "reserved | available\n7 | 3")
    }
}
