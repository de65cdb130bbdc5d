import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

/// Events that a projector cannot take.
@Suite struct `Parking` {
    private let parkedColumns = "position subject event_type reason"

    private func parked(_ name: ReadModelName, _ history: History) throws -> String {
        try name.rows("parked_events", parkedColumns, after: history)
    }

    @Test
    func `given a fact of an unknown order, when projected, then its order waits, others go on`()
        throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.paymentRequested(2, 999))
        history.record(.started(1), .started(2))
        history.record(.dispatched(1, 1, [(1, 1)]))
        #expect(
            try parked(.orders, history)
                == """
                position | subject | event_type | reason
                3 | ord_00000000000000000000000402 | PaymentRequested | order ord_00000000000000000000000402 is unknown
                5 | ord_00000000000000000000000402 | ProcessingStarted | \u{2205}
                """.replacingNull)
        #expect(
            try ReadModelName.orders.rows("orders", "order_number position", after: history) == """
                order_number | position
                1 | 6
                """)
    }

    @Test
    func `given stock of many products, when one waits, then the parts of the others go on`() throws
    {
        var history = History()
        history.record(.added(Cast.book), .received(Cast.book, 9), .received(Cast.lamp, 5))
        // LAMP is not in the catalogue: its discontinuation cannot be taken.
        history.record(.productDiscontinued(ProductDiscontinued(sku: Cast.lamp)))
        history.record(.reserved(1, [Want(Cast.book, 2), Want(Cast.lamp, 3), Want(Cast.book, 1)]))
        history.record(.received(Cast.lamp, 1), .received(Cast.book, 1))
        #expect(
            try ReadModelName.inventory.rows("stock", "sku on_hand reserved", after: history) == """
                sku | on_hand | reserved
                BOOK | 10 | 3
                LAMP | 5 | 0
                """)
        #expect(
            try parked(.inventory, history)
                == """
                position | subject | event_type | reason
                4 | LAMP | ProductDiscontinued | product LAMP is unknown
                5 | LAMP | StockReserved | \u{2205}
                6 | LAMP | StockReceived | \u{2205}
                """.replacingNull)
        // After the skip the parts of LAMP are there too, as if nothing had happened.
        history.record(.skipped(.inventory, 4))
        var whole = History()
        whole.record(.added(Cast.book), .received(Cast.book, 9), .received(Cast.lamp, 5))
        whole.record(.productRenamed(ProductRenamed(sku: Cast.book, name: "The BOOK")))
        whole.record(.reserved(1, [Want(Cast.book, 2), Want(Cast.lamp, 3), Want(Cast.book, 1)]))
        whole.record(.received(Cast.lamp, 1), .received(Cast.book, 1))
        for table in ["stock", "stock_movements"] {
            let columns =
                table == "stock" ? "sku on_hand reserved" : "position ordinal sku quantity"
            #expect(
                try ReadModelName.inventory.rows(table, columns, after: history)
                    == (try ReadModelName.inventory.rows(table, columns, after: whole)))
        }
        #expect(try parked(.inventory, history) == "position | subject | event_type | reason")
    }

    @Test
    func `given a parked order, when projected, then its products have their numbers all the same`()
        throws
    {
        var history = History()
        // The order is not there yet, so it waits with all that follows about it.
        history.record(.started(1))
        history.record(.placed(1, [Want(Cast.lamp, 1), Want(Cast.book, 1)]))
        history.record(.placed(2, [Want(Cast.post, 1), Want(Cast.book, 2)]))
        let numbered = """
            sku | product_number
            BOOK | 2
            LAMP | 1
            POST | 3
            """
        #expect(
            try ReadModelName.orders.rows("orders", "order_number", after: history) == """
                order_number
                2
                """)
        #expect(
            try ReadModelName.orders.rows("sold_products", "sku product_number", after: history)
                == numbered)
        // As a program would have it that takes the order at once.
        history.record(.skipped(.orders, 1))
        #expect(
            try ReadModelName.orders.rows("sold_products", "sku product_number", after: history)
                == numbered)
        #expect(
            try ReadModelName.orders.rows("order_lines", "order_number sku", after: history) == """
                order_number | sku
                1 | LAMP
                1 | BOOK
                2 | POST
                2 | BOOK
                """)
    }

    @Test func `given a skip of another model, when projected, then what is parked stays parked`()
        throws
    {
        var history = History()
        history.record(.started(2))
        history.record(.skipped(.users, 1))
        #expect(try parked(.orders, history).contains("1 | ord_00000000000000000000000402"))
        history.record(.skipped(.orders, 1))
        #expect(!(try parked(.orders, history).contains("ord_")))
    }

    @Test func `given a parked event, when tried again, then it stays until its cause is gone`()
        throws
    {
        let folder = TestFolder()
        let path = folder.file("orders.sqlite")
        let file = try ReadModelFile.create(.orders, at: path, logID: History.logID)
        let projector = try OrdersProjector(file: file)
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.started(1))
        history.record(.dispatched(1, 1, [(1, 1)]))
        // The rows of the order are lost, as by a bug; the file is otherwise sound.
        try projector.project(
            [history.batches[0]], checkpoint: history.checkpoint(afterBatches: 1))
        try file.run("UPDATE stored_orders SET closure = 99")
        try projector.deliver(history)
        let count = try file.parkedCount()
        #expect((count.events, count.refused, count.subjects) == (2, 1, 1))
        #expect(count.lastReason?.isEmpty == false)
        let again = try #require(try projector.retryParked(at: nil))
        #expect(again.applied == 0)
        #expect(again.parked.map(\.fact.position.rawValue) == [3, 4])
        #expect(try projector.retryParked(at: LogPosition(rawValue: 1)) == nil)
        try file.run("UPDATE stored_orders SET closure = 0")
        // Also by the position of one that only waits.
        let done = try #require(try projector.retryParked(at: LogPosition(rawValue: 4)))
        #expect(done.applied == 2)
        #expect(done.parked.isEmpty)
        #expect(try file.parkedCount() == ParkedCount())
        let digests = try file.digests()
        try projector.close()
        let other = TestFolder()
        let straight = try ReadModelFile.open(
            .orders, at: ReadModelName.orders.project(history, into: other))
        #expect(try straight.digests() == digests)
        try straight.close()
    }

    @Test
    func
        `given a skip on the record, when a projector could take the event, then it leaves it out`()
        throws
    {
        var history = History()
        history.record(Event.bookSold(1))
        history.record(.started(1))
        history.record(.dispatched(1, 1, [(1, 1)]))
        history.record(.skipped(.orders, 3))
        history.announceSkips()
        for runSize in [1, 2, 10] {
            let folder = TestFolder()
            let file = try ReadModelFile.open(
                .orders,
                at: try ReadModelName.orders.project(history, into: folder, runSize: runSize))
            #expect(
                try file.text(of: "orders", columns: "processing_since shipped_units")
                    == "shipped_units | processing_since\n1 | ")
            #expect(try file.parkedCount() == ParkedCount())
            try file.close()
        }
        // Until the skip it waits, and so does what follows.
        let before = History(history.batches.dropLast())
        #expect(
            try parked(.orders, before)
                == """
                position | subject | event_type | reason
                3 | ord_00000000000000000000000401 | ProcessingStarted | an operator skipped it later
                4 | ord_00000000000000000000000401 | ShipmentDispatched | \u{2205}
                """.replacingNull)
    }

    @Test(arguments: ReadModelName.allCases, [1, 7, 1_000])
    func
        `P-31 P-33 given histories with events missing, when projected in any way, then it parks the same`(
            name: ReadModelName, runSize: Int
        ) throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 300).withGaps(of: name)
        let folder = TestFolder()
        let single = try ReadModelFile.open(
            name, at: try name.project(history, into: folder, runSize: 1))
        let expected = try single.digests()
        let parked = try single.parkedEvents()
        #expect(parked.contains { $0.reason != nil }, "\(TestSeed.note)")
        #expect(parked.contains { $0.reason == nil } || name == .users, "\(TestSeed.note)")
        try single.close()
        #expect(try digests(name, history, runSize) == expected, "\(TestSeed.note)")
        #expect(try rebuilt(name, history, runSize) == expected, "\(TestSeed.note)")
        guard name != .inventory else { return }
        // What is not parked gives the rows that it gives without what is parked.
        let positions = Set(parked.map(\.fact.position))
        let sound = history.filterFacts { !positions.contains($0.position) }
        #expect(
            try digests(name, sound, runSize).filter { $0.table != "parked_events" }
                == expected.filter { $0.table != "parked_events" }, "\(TestSeed.note)")
    }

    @Test(arguments: ReadModelName.allCases, [1, 7, 1_000])
    func
        `P-31 given skips one after another, when all is rebuilt, then it equals what went on with them`(
            name: ReadModelName, runSize: Int
        ) throws
    {
        var history = HistoryGenerator.history(seed: TestSeed.value, steps: 150).withGaps(of: name)
        let folder = TestFolder()
        let path = try name.project(history, into: folder, runSize: 1)
        var skipCount = 0
        // Each skip may show the next event that cannot be taken.
        while skipCount < 2_000 {
            let file = try ReadModelFile.open(name, at: path)
            let refused = try file.parkedEvents().filter { $0.reason != nil }
            guard let first = refused.first else {
                #expect(try file.parkedCount() == ParkedCount())
                let expected = try file.digests()
                try file.close()
                #expect(skipCount > 0, "\(TestSeed.note)")
                #expect(try digests(name, history, runSize) == expected, "\(TestSeed.note)")
                #expect(try rebuilt(name, history, runSize) == expected, "\(TestSeed.note)")
                history.announceSkips()
                #expect(try digests(name, history, runSize) == expected, "\(TestSeed.note)")
                #expect(try rebuilt(name, history, runSize) == expected, "\(TestSeed.note)")
                return
            }
            // Several at a time, so that the test ends.
            for parked in refused { history.record(.skipped(name, parked.fact.position.rawValue)) }
            skipCount += refused.count
            let projector = try name.makeProjector(file: file)
            try projector.deliver(history)
            #expect(try file.parkedEvents().allSatisfy { $0.fact.position != first.fact.position })
            try projector.close()
        }
        Issue.record("skipping does not end; \(TestSeed.note)")
    }

    private func digests(
        _ name: ReadModelName, _ history: History, _ runSize: Int
    ) throws -> [TableDigest] {
        let folder = TestFolder()
        let file = try ReadModelFile.open(
            name, at: try name.project(history, into: folder, runSize: runSize))
        let digests = try file.digests()
        try file.close()
        return digests
    }

    private func rebuilt(
        _ name: ReadModelName, _ history: History, _ runSize: Int
    ) throws -> [TableDigest] {
        let folder = TestFolder()
        let rebuild = try ReadModelRebuild(
            of: name, at: folder.file(name.fileName), logID: History.logID)
        var first = 0
        while first < history.batches.count {
            let next = min(first + runSize, history.batches.count)
            try rebuild.feed(
                Array(history.batches[first..<next]),
                checkpoint: history.checkpoint(afterBatches: next))
            first = next
        }
        let digests = try rebuild.finish()
        try rebuild.cancel()
        return digests
    }
}

extension Event {
    fileprivate static func skipped(_ name: ReadModelName, _ position: UInt64) -> Event {
        .projectionEventSkipped(
            ProjectionEventSkipped(
                model: name.rawValue, skippedPosition: position, reason: "told to"))
    }
}

extension String {
    /// How a missing value is printed: not at all, which no editor lets stand at the end of a line.
    fileprivate var replacingNull: String { replacing("\u{2205}", with: "") }
}

extension History {
    /// The same positions, without some facts that later ones of the model need: every third.
    fileprivate func withGaps(of name: ReadModelName) -> History {
        var count = 0
        return filterFacts { fact in
            let isNeeded =
                switch fact.event {
                case .orderPlaced, .returnRequested, .refundRequested, .paymentRequested:
                    name == .orders
                case .productAdded: name == .inventory
                case .userRegistered, .verificationIssued, .mailRequested: name == .users
                default: false
                }
            guard isNeeded else { return true }
            count += 1
            return count % 3 != 0
        }
    }

    /// Does what the engine does before it hands out runs.
    fileprivate mutating func announceSkips() {
        let skips = batches.flatMap(\.facts).compactMap { fact -> OperatorSkip? in
            guard case .projectionEventSkipped(let event) = fact.event else { return nil }
            return OperatorSkip(event)
        }
        for skip in skips {
            let place = batches.firstIndex { $0.facts.contains { $0.position == skip.position } }
            if let place { announce(skip, inBatch: place) }
        }
    }
}
