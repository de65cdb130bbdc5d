import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Rejections` {
    @Test
    func `S-042 D-14 given every rejection, then its code is stable and its message is for people`()
    {
        let order = OrderID(rawValue: 1)
        let payment = PaymentID(rawValue: 1)
        let table: [(Rejection, String)] = [
            (.validationFailed([FieldProblem(field: "sku", problem: "x")]), "validation_failed"),
            (.emptyOrder, "empty_order"), (.invalidQuantity([]), "invalid_quantity"),
            (.tooManyLines(count: 2, limit: 1), "too_many_lines"),
            (.invalidLimit(-1, allowed: 0...100), "invalid_limit"),
            (.invalidPrice(pounds("-1"), maximumMinor: 1), "invalid_price"),
            (.amountOverflow, "amount_overflow"), (.unauthenticated, "unauthenticated"),
            (.forbidden("x"), "forbidden"), (.duplicateSKU(sku("A")), "duplicate_sku"),
            (.productNotFound("A"), "product_not_found"), (.notStocked(sku("A")), "not_stocked"),
            (.currencyMismatch(expected: gbp, actual: jpy), "currency_mismatch"),
            (.insufficientStock([]), "insufficient_stock"),
            (.stockConflict(sku: sku("A"), expectedOnHand: 1, onHand: 2), "stock_conflict"),
            (.negativeStock(sku: sku("A"), onHand: 1, reserved: 1, delta: -1), "negative_stock"),
            (.emailAlreadyRegistered("a@b.c"), "email_already_registered"),
            (.invalidEmail(.empty), "invalid_email"), (.weakPassword(.tooCommon), "weak_password"),
            (.tokenInvalidOrExpired, "token_invalid_or_expired"),
            (.tokenUsedOrUnknown, "token_used_or_unknown"), (.tokenExpired, "token_expired"),
            (.userNotFound(bob), "user_not_found"), (.accountDisabled(bob), "account_disabled"),
            (.emailNotVerified(bob), "email_not_verified"),
            (.rateLimited(retryAt: Instant(microseconds: 0)), "rate_limited"),
            (.orderNotFound("x"), "order_not_found"),
            (.priceChanged(expected: pounds("1"), actual: pounds("2")), "price_changed"),
            (
                .illegalTransition(
                    IllegalTransition(order: order, from: .paid, command: "X", allowed: [])),
                "illegal_transition"
            ),
            (.overShipment([]), "over_shipment"),
            (.returnNotFound(ReturnID(rawValue: 1)), "return_not_found"),
            (.overReturn([]), "over_return"), (.notDue(order, deadline: nil), "not_due"),
            (.paymentNotFound(payment), "payment_not_found"),
            (.paymentInFlight(order), "payment_in_flight"),
            (.staleAttempt(payment, attempt: 2, current: 1), "stale_attempt"),
            (
                .authorizationExpired(payment, at: Instant(microseconds: 0)),
                "authorization_expired"
            ),
            (
                .amountExceedsAuthorized(limit: pounds("1"), amount: pounds("2")),
                "amount_exceeds_authorized"
            ),
            (
                .amountExceedsCaptured(limit: pounds("1"), amount: pounds("2")),
                "amount_exceeds_captured"
            ),
            (.paymentFailed(order: order, reason: "x", declineCode: "y"), "payment_failed"),
            (.paymentPending(order: order), "payment_pending"),
            (.captureFailed(payment: payment, reason: "x"), "capture_failed"),
            (.refundFailed(payment: payment, reason: "x"), "refund_failed"),
            (.idempotencyKeyReused("k"), "idempotency_key_reused"),
            (.requestInProgress("k"), "request_in_progress"),
            (.conflict(LogPosition(rawValue: 1)), "conflict"),
        ]
        for (rejection, code) in table {
            #expect(rejection.code == code)
            #expect(!rejection.message.isEmpty && rejection.message != code)
        }
        #expect(Set(table.map(\.1)).count == 46)
    }

    @Test func `S-037 given a declined payment, then order, reason and decline code are named`() {
        let rejection = Rejection.paymentFailed(
            order: OrderID(rawValue: 1), reason: "No money", declineCode: "insufficient_funds")
        #expect(rejection.message == "Payment failed: No money")
        #expect(
            rejection.details.map(\.name) == ["order_id", "reason", "decline_code"])
    }
}
