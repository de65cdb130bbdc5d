import DaybookCore
import DaybookDecisions

let gbp = Currency("GBP") ?? Currency.allForTests[0]
let jpy = Currency("JPY") ?? Currency.allForTests[0]
let bob = UserID(rawValue: 1)
let eve = UserID(rawValue: 2)

extension Currency {
    /// Never used: only so that the constants above need no force unwrap.
    fileprivate static let allForTests = ["EUR"].compactMap { Currency(rawValue: $0) }
}

func pounds(_ text: String) -> Money {
    Money(text: text, currency: gbp) ?? Money(minor: .min, currency: gbp)
}

func sku(_ text: String) -> SKU { SKU(text) ?? SKU("INVALID").unsafelyUnwrapped }
func location(_ text: String) -> LocationID { LocationID(rawValue: text) ?? .main }
func quantity(_ count: Int32) -> Quantity { Quantity(rawValue: count) ?? Quantity.one }

extension Quantity {
    static let one = Quantity(rawValue: 1).unsafelyUnwrapped
}

/// A digest that depends on the canonical form of the address, as the vault's does.
func digest(_ email: String) -> EmailDigest {
    let canonical = (try? CanonicalEmail(email))?.canonical ?? email
    var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in canonical.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var random = SeededGenerator(seed: mixed)
    let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    return EmailDigest(digest: Digest(bytes) ?? .zero)
}

let sealed = Sealed(box: [1, 2, 3], keyVersion: 1)

extension Scenario {
    /// G-1's shop: bob may order; A is 5 at 9.99, B is 1 at 10.00.
    static func shop(settings: ShopSettings = ShopSettings()) -> Scenario {
        Scenario(settings: settings).given(
            .userRegistered(
                UserRegistered(userID: bob, emailDigest: digest("bob@x.org"), email: sealed)),
            .emailVerified(
                EmailVerified(userID: bob, verificationID: VerificationID(rawValue: 9)))
        ).stocked("A", 5, at: "9.99").stocked("B", 1, at: "10.00")
    }

    @discardableResult
    func stocked(
        _ name: String, _ count: Int64, at price: String, location: LocationID = .main
    ) -> Scenario {
        if shop.product(sku(name)) == nil { product(name, at: price) }
        return given(
            .stockReceived(StockReceived(sku: sku(name), location: location, quantity: count)))
    }

    @discardableResult
    func product(_ name: String, at price: String, stocked: Bool = true) -> Scenario {
        given(
            .productAdded(
                ProductAdded(
                    sku: sku(name), name: "Product \(name)", price: pounds(price),
                    stocked: stocked, backorder: false)))
    }

    /// Places an order for bob that is expected to be accepted.
    @discardableResult
    func placed(
        _ items: [OrderItem] = [OrderItem(sku: "A", quantity: 2)],
        capture: CaptureMode = .automatic, as actor: Actor = .operator(nil)
    ) -> OrderID {
        let outcome = when(.order(items, capture: capture), as: actor)
        return outcome.events.first?.orderID ?? OrderID(rawValue: 0)
    }

    func payment(of order: OrderID) -> PaymentID {
        shop.order(order)?.payment?.id ?? PaymentID(rawValue: 0)
    }

    @discardableResult
    func outcome(
        of order: OrderID, _ outcome: PaymentOutcome, call: PaymentCall = .charge(attempt: 1)
    ) -> Outcome {
        when(
            .recordPaymentOutcome(
                RecordPaymentOutcome(payment: payment(of: order), call: call, outcome: outcome)),
            as: .gateway)
    }

    /// An order that is paid.
    func paid(
        _ items: [OrderItem] = [OrderItem(sku: "A", quantity: 2)], capture: CaptureMode = .automatic
    ) -> OrderID {
        let order = placed(items, capture: capture)
        captured(order)
        return order
    }

    @discardableResult
    func captured(_ order: OrderID) -> Outcome {
        let amount = shop.order(order)?.payable ?? pounds("0")
        return outcome(of: order, .captured(reference: "ch_\(order)", amount: amount))
    }

    func authorized(
        _ items: [OrderItem] = [OrderItem(sku: "A", quantity: 2)], expiresAt: Instant? = nil
    ) -> OrderID {
        let order = placed(items, capture: .manual)
        let amount = shop.order(order)?.payable ?? pounds("0")
        outcome(
            of: order,
            .authorized(reference: "ch_\(order)", amount: amount, expiresAt: expiresAt))
        return order
    }

    func captureInFlight(of order: OrderID) -> PaymentCall {
        .capture(shop.order(order)?.payment?.capture?.id ?? CaptureID(rawValue: 0))
    }

    func refundInFlight(of order: OrderID) -> PaymentCall {
        let refund = shop.order(order)?.payment?.refunds.first { $0.progress == .requested }
        return .refund(refund?.id ?? RefundID(rawValue: 0))
    }

    @discardableResult
    func message(
        _ id: String, _ kind: GatewayEventKind, _ reference: String, _ amount: Money? = nil
    ) -> Outcome {
        when(
            .ingestGatewayEvent(
                IngestGatewayEvent(
                    providerEventID: id, kind: kind, reference: reference, amount: amount,
                    occurredAt: now, digest: .zero)), as: .gateway)
    }

    func status(of order: OrderID) -> String { shop.order(order)?.status.name ?? "none" }
    func paymentState(of order: OrderID) -> String {
        shop.order(order)?.paymentState.name ?? "none"
    }
    func available(_ name: String) -> Int64 { shop.product(sku(name))?.available ?? -1 }

    /// The work that the log asks for, in brief.
    var intents: [String] {
        shop.pendingIntents.map { intent in
            let text =
                switch intent.kind {
                case .charge(let intent): "charge \(intent.amount)"
                case .capture(let intent): "capture \(intent.amount)"
                case .void(let intent): "void \(intent.reference)"
                case .refund(let intent): "refund \(intent.amount)"
                case .mail(let mail): "mail \(mail.template.name)"
                }
            return intent.isUnknown ? text + " (ask)" : text
        }
    }
}

extension PreparedCommand {
    static func order(
        _ items: [OrderItem], user: UserID = bob, expectedTotal: Money? = nil,
        capture: CaptureMode = .automatic
    ) -> PreparedCommand {
        .createOrder(
            Placement(user: user, items: items, expectedTotal: expectedTotal, capture: capture))
    }

    static func order(_ sku: String, _ quantity: Int) -> PreparedCommand {
        .order([OrderItem(sku: sku, quantity: quantity)])
    }

    static func cancel(_ order: OrderID) -> PreparedCommand {
        .cancelOrder(CancelOrder(order: order, reason: "changed mind"))
    }

    static func expire(_ order: OrderID) -> PreparedCommand {
        .expireOrder(ExpireOrder(order: order))
    }

    static func complete(_ order: OrderID) -> PreparedCommand {
        .completeOrder(CompleteOrder(order: order))
    }

    static func ship(_ order: OrderID, _ lines: [LineShipment]? = nil) -> PreparedCommand {
        .shipOrder(ShipOrder(order: order, lines: lines))
    }

    static func register(
        _ email: String, user: UInt128, hasPassword: Bool = true
    ) -> PreparedCommand {
        .registerUser(
            Registration(
                userID: UserID(rawValue: user), verificationID: VerificationID(rawValue: user + 50),
                emailDigest: digest(email), sealedEmail: sealed, typedEmail: email,
                hasPassword: hasPassword))
    }

    static func resend(_ email: String, link: UInt128) -> PreparedCommand {
        .resendVerification(
            VerificationRenewal(
                emailDigest: digest(email), verificationID: VerificationID(rawValue: link)))
    }

    static func verify(
        link: UInt128, user: UInt128, expiresAt: Instant, email: String? = nil
    ) -> PreparedCommand {
        .verifyEmail(
            Redemption(
                claims: VerificationClaims(
                    verificationID: VerificationID(rawValue: link), userID: UserID(rawValue: user),
                    emailDigest: email.map(digest), expiresAt: expiresAt)))
    }
}
