import DaybookCore

/// Placing an order (T-01): one batch that places it, reserves its stock and asks for its payment.
enum PlacementDecider {
    static func place(
        _ placement: Placement, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        try checkCustomer(of: placement, in: shop, context: context)
        let quantities = try checkedQuantities(of: placement, context: context)
        var allocation = StockAllocation(lineCount: placement.items.count)
        var indexes: [Int] = []
        indexes.reserveCapacity(placement.items.count)
        for (offset, item) in placement.items.enumerated() {
            let index = shop.catalogue.index(of: item.sku)
            allocation.add(
                item, quantity: quantities[offset], lineNumber: offset + 1, productIndex: index,
                in: shop)
            if let index { indexes.append(index) }
        }
        guard allocation.shortages.isEmpty else { throw .insufficientStock(allocation.shortages) }
        let pricing = try price(placement, quantities, indexes, in: shop, context: context)
        if let expected = placement.expectedTotal, expected != pricing.payable {
            throw .priceChanged(expected: expected, actual: pricing.payable)
        }
        return events(placement, pricing, allocation, given: shop, in: &context)
    }

    private static func checkCustomer(
        of placement: Placement, in shop: Shop, context: DecisionContext
    ) throws(Rejection) {
        guard let user = shop.users[placement.user] else { throw .userNotFound(placement.user) }
        guard !user.isDeactivated else { throw .accountDisabled(user.id) }
        guard user.isVerified || !context.settings.requireVerifiedEmail || context.isPrivileged
        else { throw .emailNotVerified(user.id) }
    }

    private static func checkedQuantities(
        of placement: Placement, context: DecisionContext
    ) throws(Rejection) -> [Quantity] {
        let items = placement.items
        guard !items.isEmpty else { throw .emptyOrder }
        guard items.count <= context.settings.maximumLines else {
            throw .tooManyLines(count: items.count, limit: context.settings.maximumLines)
        }
        guard context.isPrivileged || !items.contains(where: { $0.unitPrice != nil }) else {
            throw .forbidden("a price of one's own choice")
        }
        var quantities: [Quantity] = []
        quantities.reserveCapacity(items.count)
        var problems: [LineQuantityProblem] = []
        for (offset, item) in items.enumerated() {
            if item.quantity <= context.settings.maximumQuantity,
                let quantity = Int32(exactly: item.quantity).flatMap(Quantity.init(rawValue:))
            {
                quantities.append(quantity)
            } else {
                problems.append(
                    LineQuantityProblem(lineNumber: offset + 1, quantity: item.quantity))
            }
        }
        guard problems.isEmpty else { throw .invalidQuantity(problems) }
        return quantities
    }

    private static func price(
        _ placement: Placement, _ quantities: [Quantity], _ indexes: [Int], in shop: Shop,
        context: DecisionContext
    ) throws(Rejection) -> OrderPricing {
        var pricing = OrderPricing(
            currency: shop.catalogue.products[indexes[0]].price.currency,
            settings: context.settings, lineCount: indexes.count)
        for offset in indexes.indices {
            try pricing.add(
                shop.catalogue.products[indexes[offset]], item: placement.items[offset],
                quantity: quantities[offset], settings: context.settings)
        }
        return pricing
    }

    private static func events(
        _ placement: Placement, _ pricing: OrderPricing, _ allocation: StockAllocation,
        given shop: Shop, in context: inout DecisionContext
    ) -> [Event] {
        let order: OrderID = context.identifiers.make()
        let isFree = pricing.payableMinor == 0
        let extra: Int64 = Mutant.deadlineMinuteLate.isPlanted ? 60 : 0
        let deadline = context.settings.paymentDeadline.map {
            context.now.advanced(bySeconds: $0 + extra)
        }
        var events: [Event] = []
        events.reserveCapacity(3)
        events.append(
            .orderPlaced(
                OrderPlaced(
                    orderID: order,
                    orderNumber: Mutant.orderNumberReused.isPlanted && shop.openOrderCount == 0
                        ? 1 : shop.lastOrderNumber + 1, userID: placement.user,
                    lines: pricing.lines, currency: pricing.currency, netMinor: pricing.netMinor,
                    taxMinor: pricing.taxMinor, payableMinor: pricing.payableMinor,
                    taxRate: pricing.rate, rounding: pricing.rounding,
                    captureMode: placement.capture, expiresAt: isFree ? nil : deadline,
                    shippingAddress: placement.shippingAddress,
                    origin: context.actor == .import ? .imported : nil)))
        if !allocation.lines.isEmpty {
            events.append(.stockReserved(StockReserved(orderID: order, lines: allocation.lines)))
        }
        guard isFree else {
            events.append(
                .paymentRequested(
                    PaymentRequested(
                        paymentID: context.identifiers.make(), orderID: order, attempt: 1,
                        amount: pricing.payable, captureMode: placement.capture)))
            return events
        }
        // Nothing is to be paid, so nobody is asked (D-10): the order is paid as it stands.
        let occasion = MailOccasion.paidInFull(
            order: order, user: placement.user, isImported: context.actor == .import,
            isConfirmationRequested: false)
        MailPolicy().add(mailAfter: occasion, to: &events, in: &context)
        return events
    }
}
