import DaybookCore
import DaybookEngine
import DaybookProjections

extension OrderReference {
    /// The order's identifier; a number is looked up in the read model.
    func id(in daybook: Daybook) async throws -> OrderID {
        if case .id(let id) = self { return id }
        return try await detail(in: daybook).order.summary.orderID
    }

    /// The order's payment.
    ///
    /// - Throws: ``Failure`` 5 when the order costs nothing and so has none.
    func payment(in daybook: Daybook) async throws -> PaymentID {
        let summary = try await detail(in: daybook).order.summary
        guard let payment = summary.paymentID else {
            throw Failure(
                .notFound, code: "payment_not_found", "order \(self) has no payment",
                details: ["order_id": .of(summary.orderID)],
                wayOut: ["daybook order show \(self)"])
        }
        return payment
    }

    private func detail(in daybook: Daybook) async throws -> OrderDetail {
        try await daybook.waitForProjections()
        return try await detail(in: daybook.readModels).value
    }

    /// The whole order as the read model has it, or had it.
    func detail(
        in models: ReadModels, asOf moment: Moment? = nil
    ) async throws -> Answer<OrderDetail> {
        switch self {
        case .id(let id): try await models.order(orderID: id, asOf: moment)
        case .number(let number): try await models.order(orderNumber: number, asOf: moment)
        }
    }
}
