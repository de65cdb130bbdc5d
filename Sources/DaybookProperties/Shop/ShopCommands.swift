import DaybookCore
import DaybookDecisions
import DaybookTestKit

/// Which command may come next, aimed at what is there.
struct ShopCommands {
    let history: ShopHistory

    var state: Shop { history.state }

    var next: Generator<PreparedCommand> {
        var wishes: [(weight: Int, generator: Generator<PreparedCommand>)] = [
            (5, placements), (2, stock), (2, accounts), (1, catalogue), (1, mails),
        ]
        let orders = placedOrders
        if !orders.isEmpty {
            wishes += [(8, changes(of: orders)), (3, payments(of: orders)), (3, messages(orders))]
        }
        let waiting = state.pendingIntents
        if waiting.contains(where: { !$0.isMail }) { wishes.append((6, outcomes(of: waiting))) }
        return .weighted(wishes)
    }

    /// The orders of the history, the newest first.
    private var placedOrders: [OrderPlaced] {
        history.facts.reversed().compactMap { fact in
            if case .orderPlaced(let placed) = fact.event { placed } else { nil }
        }
    }
}

// MARK: - Orders

extension ShopCommands {
    var placements: Generator<PreparedCommand> {
        let names = ShopWorkload.goods.map(\.sku) + ["nothing"]
        let item = Generator<OrderItem> { choices in
            OrderItem(
                sku: names[try choices.below(names.count, .weights([8, 4, 4, 2, 3, 1]))],
                quantity: try Generator<Int>.integer(in: 0...4, towards: 1).draw(from: choices))
        }
        return combine(item.array(count: 1...3), Generator<CaptureMode>.anyCase).map {
            .createOrder(Placement(user: ShopWorkload.ada, items: $0, capture: $1))
        }
    }

    private func changes(of orders: [OrderPlaced]) -> Generator<PreparedCommand> {
        let ids = orders.map(\.orderID)
        let any = Generator.oneOf(ids)
        let sendable = likely(ids) { $0.isPaid && $0.closure == .open && $0.fulfilment != .shipped }
        let sent = likely(ids) { $0.shippedUnits > $0.returnedUnits }
        let announced = likely(ids) { !$0.returns.isEmpty }
        let payable = likely(ids) { $0.payment?.charge == .authorized }
        let due = likely(ids) { $0.isDueToExpire(at: .init(microseconds: .max)) }
        return .weighted([
            (2, any.map { .cancelOrder(CancelOrder(order: $0, reason: "changed mind")) }),
            (4, ships(sendable)), (4, returns(sent)), (4, receipts(announced)),
            (1, sendable.map { .startProcessing(StartProcessing(order: $0)) }),
            (2, due.map { .expireOrder(ExpireOrder(order: $0)) }),
            (2, payable.map { .completeOrder(CompleteOrder(order: $0)) }),
        ])
    }

    /// Orders of goods that cost nothing, and how they go and come back.
    var parcels: Generator<PreparedCommand> {
        let quantity = Generator<Int>.integer(in: 1...3)
        let place = quantity.map { ShopRun.order("FREE", $0, .automatic) }
        let ids = placedOrders.map(\.orderID)
        guard !ids.isEmpty else { return place }
        return .weighted([
            (1, place), (1, ships(likely(ids) { $0.shippedUnits < $0.orderedUnits })),
            (2, returns(likely(ids) { $0.shippedUnits > $0.returnedUnits })),
            (2, receipts(likely(ids) { !$0.returns.isEmpty })),
        ])
    }

    /// Mostly an order for which something is likely to happen, if there is one; else any.
    func likely(
        _ orders: [OrderID], _ isLikely: (OrderState) -> Bool
    ) -> Generator<OrderID> {
        let fitting = orders.filter { state.order($0).map(isLikely) ?? false }
        guard !fitting.isEmpty else { return .oneOf(orders) }
        return .weighted([(6, .oneOf(fitting)), (1, .oneOf(orders))])
    }

    private func ships(_ order: Generator<OrderID>) -> Generator<PreparedCommand> {
        let line = combine(Generator<Int>.integer(in: 1...2), Generator<Int>.integer(in: 1...3))
            .map { LineShipment(lineNumber: $0, quantity: $1) }
        let lines = line.array(count: 1...2)
        return Generator { choices in
            .shipOrder(
                ShipOrder(
                    order: try order.draw(from: choices),
                    lines: try choices.happens(1, in: 2) ? lines.draw(from: choices) : nil,
                    location: try choices.happens(1, in: 6) ? annex : .main))
        }
    }

    private func returns(_ order: Generator<OrderID>) -> Generator<PreparedCommand> {
        let line = combine(Generator<Int>.integer(in: 1...2), Generator<Int>.integer(in: 1...2))
            .map { LineReturn(lineNumber: $0, quantity: $1) }
        return combine(order, line.array(count: 1...2)).map {
            .requestReturn(RequestReturn(order: $0, lines: $1))
        }
    }

    private func receipts(_ order: Generator<OrderID>) -> Generator<PreparedCommand> {
        Generator { choices in
            let order = try order.draw(from: choices)
            let announced = state.order(order)?.returns ?? []
            let lines = announced.last?.lines ?? []
            let receipts = try lines.map { line in
                let received = Int(line.quantity.rawValue)
                return LineReceipt(
                    lineNumber: Int(line.lineNumber), received: received,
                    damaged: try choices.below(received + 1))
            }
            return .receiveReturn(
                ReceiveReturn(
                    returnID: announced.last?.id, order: order, lines: receipts,
                    restock: try !choices.happens(1, in: 4)))
        }
    }
}

// MARK: - Goods

/// The location besides the main one.
let annex = LocationID(rawValue: "annex") ?? .main

extension ShopCommands {
    private var stock: Generator<PreparedCommand> {
        let sku = Generator<String>.oneOf(["A", "B", "FREE", "C"])
        let location = Generator<LocationID>.oneOf([.main, annex])
        return .oneOf(
            combine(sku, location, Generator<Int>.integer(in: 1...5)).map {
                .receiveStock(ReceiveStock(sku: $0, location: $1, quantity: $2))
            },
            combine(sku, Generator<Int>.integer(in: -5...3, towards: -1)).map {
                .adjustStock(AdjustStock(sku: $0, delta: $1, reason: "count"))
            })
    }

    private var catalogue: Generator<PreparedCommand> {
        let sku = Generator<String>.oneOf(ShopWorkload.goods.map(\.sku))
        let price = Generator<Int64>.minorUnits(in: 0...2_000).map { minor in
            guard let money = ShopWorkload.money(minor) else { throw Discard(reason: "no pounds") }
            return money
        }
        return .weighted([
            (4, combine(sku, price).map { .changePrice(ChangePrice(sku: $0, price: $1)) }),
            (1, sku.map { .renameProduct(RenameProduct(sku: $0, productName: "Better \($0)")) }),
            (1, sku.map { .discontinueProduct(DiscontinueProduct(sku: $0)) }),
        ])
    }
}
