import DaybookCore

extension ShopDecider {
    /// Folds one recorded event. Total: events of subjects that are not here change nothing.
    package static func evolve(_ state: inout Shop, with fact: Fact) {
        switch fact.event {
        case .productAdded, .priceChanged, .productRenamed, .productDiscontinued:
            CatalogueDecider.evolve(&state.catalogue, with: fact.event)
        case .stockReceived, .stockAdjusted, .stockReserved, .stockReleased, .stockShipped,
            .stockRestocked:
            StockDecider.evolve(&state.catalogue, with: fact.event)
        case .userRegistered, .verificationIssued, .verificationVoided, .emailVerified,
            .userDeactivated, .userReactivated:
            UserDecider.evolve(&state.users, with: fact)
        case .gatewayEventReceived(let event):
            state.inbox.receive(event, at: fact.position, on: fact.recordedAt)
        case .mailRequested, .mailSent, .mailFailed:
            MailDecider.evolve(&state, with: fact)
        default: break
        }
        if let order = fact.event.orderID { evolve(&state, order: order, with: fact) }
    }

    private static func evolve(_ state: inout Shop, order: OrderID, with fact: Fact) {
        if case .orderPlaced(let event) = fact.event {
            state.lastOrderNumber = max(state.lastOrderNumber, event.orderNumber)
            state.orders.insert(
                OrderState(event, at: fact.position, recordedAt: fact.recordedAt))
            return
        }
        state.orders.update(order) { $0.apply(fact.event, at: fact.position) }
        switch fact.event {
        case .paymentRequested(let event):
            state.orders.learn(payment: event.paymentID, of: order)
        case .paymentAuthorized(let event):
            learn(event.reference, of: event.paymentID, in: &state)
        case .paymentCaptured(let event):
            learn(event.reference, of: event.paymentID, in: &state)
        case .latePaymentReceived(let event):
            learn(event.reference, of: event.paymentID, in: &state)
        case .paymentAmountMismatchDetected(let event):
            learn(event.reference, of: event.paymentID, in: &state)
        default: break
        }
    }

    private static func learn(
        _ reference: String, of payment: PaymentID, in state: inout Shop
    ) {
        guard !reference.isEmpty else { return }
        state.orders.learn(reference: reference, of: payment)
        state.inbox.settle(reference: reference)
    }
}
