import DaybookCore
import DaybookDecisions

/// The people, things and sums that the tests speak of.
enum Cast {
    static let ada = UserID(rawValue: 0xA1)
    static let bob = UserID(rawValue: 0xB0)
    static let book = sku("BOOK")
    static let lamp = sku("LAMP")
    static let post = sku("POST")
    static let gbp = currency("GBP")
    static let depot = LocationID(rawValue: "depot") ?? .main

    static func sku(_ text: String) -> SKU {
        guard let sku = SKU(rawValue: text) else { preconditionFailure("Cast: \(text) is no SKU") }
        return sku
    }

    static func currency(_ text: String) -> Currency {
        guard let currency = Currency(rawValue: text) else {
            preconditionFailure("Cast: \(text) is no currency")
        }
        return currency
    }

    static func pounds(_ minor: Int64) -> Money { Money(minor: minor, currency: gbp) }

    static func units(_ count: Int32) -> Quantity {
        guard let quantity = Quantity(rawValue: count) else {
            preconditionFailure("Cast: \(count) is no quantity")
        }
        return quantity
    }

    static func order(_ number: UInt64) -> OrderID { OrderID(rawValue: 0x0_1000 + UInt128(number)) }
    static func payment(_ number: UInt64) -> PaymentID {
        PaymentID(rawValue: 0x0_2000 + UInt128(number))
    }
    static func refund(_ number: UInt64) -> RefundID {
        RefundID(rawValue: 0x0_3000 + UInt128(number))
    }
    static func shipment(_ number: UInt64) -> ShipmentID {
        ShipmentID(rawValue: 0x0_4000 + UInt128(number))
    }
    static func goodsReturn(_ number: UInt64) -> ReturnID {
        ReturnID(rawValue: 0x0_5000 + UInt128(number))
    }
    static func verification(_ number: UInt64) -> VerificationID {
        VerificationID(rawValue: 0x0_6000 + UInt128(number))
    }
    static func mail(_ number: UInt64) -> MailID { MailID(rawValue: 0x0_7000 + UInt128(number)) }

    static func digest(_ byte: UInt8) -> EmailDigest {
        EmailDigest(digest: Digest([UInt8](repeating: byte, count: 32)) ?? .zero)
    }
}

/// One line of an order to be placed.
struct Want {
    var sku: SKU
    var quantity: Int32
    var unitPrice: Int64

    init(_ sku: SKU, _ quantity: Int32, at unitPrice: Int64 = 999) {
        self.sku = sku
        self.quantity = quantity
        self.unitPrice = unitPrice
    }
}

extension Event {
    static func placed(
        _ number: UInt64, by user: UserID = Cast.ada, _ wants: [Want], taxOf rate: Int64 = 0,
        expiresAt: Instant? = nil, unstocked: Set<SKU> = [], id: OrderID? = nil,
        address: Sealed? = nil, capture: CaptureMode = .automatic
    ) -> Event {
        let lines = wants.enumerated().map { index, want in
            let net = Int64(want.quantity) * want.unitPrice
            return OrderLine(
                lineNumber: Int32(index + 1), sku: want.sku, name: "The \(want.sku)",
                quantity: Cast.units(want.quantity), unitPriceMinor: want.unitPrice,
                priceOverridden: false, netMinor: net, taxMinor: net * rate / 10_000,
                unstocked: unstocked.contains(want.sku))
        }
        let net = lines.reduce(0) { $0 + $1.netMinor }
        let tax = lines.reduce(0) { $0 + $1.taxMinor }
        return .orderPlaced(
            OrderPlaced(
                orderID: id ?? Cast.order(number), orderNumber: number, userID: user, lines: lines,
                currency: Cast.gbp, netMinor: net, taxMinor: tax, payableMinor: net + tax,
                taxRate: BasisPoints(rawValue: Int32(rate)) ?? .zero, rounding: .halfUp,
                captureMode: capture, expiresAt: expiresAt, shippingAddress: address))
    }

    static func paymentRequested(
        _ number: UInt64, _ minor: Int64, attempt: Int32 = 1, capture: CaptureMode = .automatic
    ) -> Event {
        .paymentRequested(
            PaymentRequested(
                paymentID: Cast.payment(number), orderID: Cast.order(number), attempt: attempt,
                amount: Cast.pounds(minor), captureMode: capture, gatewayKey: nil))
    }

    static func authorized(_ number: UInt64, _ minor: Int64) -> Event {
        .paymentAuthorized(
            PaymentAuthorized(
                paymentID: Cast.payment(number), orderID: Cast.order(number), attempt: 1,
                reference: "auth-\(number)", amount: Cast.pounds(minor), expiresAt: nil))
    }

    static func captureRequested(_ number: UInt64, _ minor: Int64) -> Event {
        .paymentCaptureRequested(
            PaymentCaptureRequested(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                captureID: CaptureID(rawValue: UInt128(number)), amount: Cast.pounds(minor),
                reference: "auth-\(number)"))
    }

    static func captured(_ number: UInt64, _ minor: Int64) -> Event {
        .paymentCaptured(
            PaymentCaptured(
                paymentID: Cast.payment(number), orderID: Cast.order(number), captureID: nil,
                amount: Cast.pounds(minor), reference: "ch-\(number)"))
    }

    static func declined(_ number: UInt64, attempt: Int32 = 1) -> Event {
        .paymentDeclined(
            PaymentDeclined(
                paymentID: Cast.payment(number), orderID: Cast.order(number), attempt: attempt,
                code: "insufficient_funds", reason: "no money", captureID: nil))
    }

    static func mismatch(_ number: UInt64, _ expected: Int64, got actual: Int64) -> Event {
        .paymentAmountMismatchDetected(
            PaymentAmountMismatchDetected(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                expected: Cast.pounds(expected), actual: Cast.pounds(actual),
                reference: "odd-\(number)"))
    }

    static func late(_ number: UInt64, _ minor: Int64) -> Event {
        .latePaymentReceived(
            LatePaymentReceived(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                expected: Cast.pounds(minor), actual: Cast.pounds(minor),
                reference: "late-\(number)"))
    }

    static func voidRequested(_ number: UInt64) -> Event {
        .paymentVoidRequested(
            PaymentVoidRequested(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                reference: "auth-\(number)"))
    }

    static func voided(_ number: UInt64) -> Event {
        .paymentVoided(
            PaymentVoided(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                reference: "auth-\(number)"))
    }

    static func outcomeUnknown(_ number: UInt64) -> Event {
        .paymentOutcomeUnknown(
            PaymentOutcomeUnknown(
                paymentID: Cast.payment(number), orderID: Cast.order(number), attempt: 1,
                cause: "timeout"))
    }

    static func refundRequested(_ number: UInt64, _ refund: UInt64, _ minor: Int64) -> Event {
        .refundRequested(
            RefundRequested(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                refundID: Cast.refund(refund), amount: Cast.pounds(minor), reason: "broken",
                paymentReference: "ch-\(number)"))
    }

    static func refundSucceeded(_ number: UInt64, _ refund: UInt64, _ minor: Int64) -> Event {
        .refundSucceeded(
            RefundSucceeded(
                paymentID: Cast.payment(number), orderID: Cast.order(number),
                refundID: Cast.refund(refund), amount: Cast.pounds(minor), reference: "re-\(refund)"
            ))
    }

    static func started(_ number: UInt64) -> Event {
        .processingStarted(ProcessingStarted(orderID: Cast.order(number)))
    }

    static func dispatched(
        _ number: UInt64, _ shipment: UInt64, _ lines: [(Int32, Int32)]
    ) -> Event {
        .shipmentDispatched(
            ShipmentDispatched(
                orderID: Cast.order(number), shipmentID: Cast.shipment(shipment),
                location: Cast.depot, lines: lines.map { LineQuantity($0) }, carrier: "Post",
                tracking: nil))
    }

    static func cancelled(_ number: UInt64) -> Event {
        .orderCancelled(OrderCancelled(orderID: Cast.order(number), reason: "changed my mind"))
    }

    static func expired(_ number: UInt64, deadline: Instant) -> Event {
        .orderExpired(OrderExpired(orderID: Cast.order(number), deadline: deadline))
    }

    static func returnRequested(
        _ number: UInt64, _ goodsReturn: UInt64, _ lines: [(Int32, Int32)]
    ) -> Event {
        .returnRequested(
            ReturnRequested(
                orderID: Cast.order(number), returnID: Cast.goodsReturn(goodsReturn),
                lines: lines.map { LineQuantity($0) }))
    }

    static func returnReceived(
        _ number: UInt64, _ goodsReturn: UInt64, _ lines: [(Int32, Int32)]
    ) -> Event {
        .returnReceived(
            ReturnReceived(
                orderID: Cast.order(number), returnID: Cast.goodsReturn(goodsReturn),
                lines: lines.map {
                    ReturnedLine(lineNumber: $0.0, received: $0.1, damaged: 0)
                }))
    }

    /// An order of one book for 9.99, paid at once.
    static func bookSold(_ number: UInt64, to user: UserID = Cast.ada) -> [Event] {
        [.placed(number, by: user, [Want(Cast.book, 1)]), .paymentRequested(number, 999)]
    }
}

extension LineQuantity {
    init(_ pair: (Int32, Int32)) {
        self.init(lineNumber: pair.0, quantity: Cast.units(pair.1))
    }
}

extension Event {
    static func added(_ sku: SKU, _ minor: Int64 = 999, stocked: Bool = true) -> Event {
        .productAdded(
            ProductAdded(
                sku: sku, name: "The \(sku)", price: Cast.pounds(minor), stocked: stocked,
                backorder: false))
    }

    static func received(_ sku: SKU, _ quantity: Int64, at location: LocationID = .main) -> Event {
        .stockReceived(StockReceived(sku: sku, location: location, quantity: quantity))
    }

    static func stockLines(_ wants: [Want], at location: LocationID) -> [StockLine] {
        wants.enumerated().map { index, want in
            StockLine(
                lineNumber: Int32(index + 1), sku: want.sku, location: location,
                quantity: Cast.units(want.quantity))
        }
    }

    static func reserved(
        _ number: UInt64, _ wants: [Want], at location: LocationID = .main
    ) -> Event {
        .stockReserved(
            StockReserved(
                orderID: Cast.order(number), lines: stockLines(wants, at: location)))
    }

    static func released(
        _ number: UInt64, _ wants: [Want], at location: LocationID = .main
    ) -> Event {
        .stockReleased(
            StockReleased(
                orderID: Cast.order(number), lines: stockLines(wants, at: location),
                reason: .declined))
    }

    static func stockShipped(
        _ number: UInt64, _ shipment: UInt64, _ wants: [Want], at location: LocationID = .main
    ) -> Event {
        .stockShipped(
            StockShipped(
                orderID: Cast.order(number), shipmentID: Cast.shipment(shipment),
                lines: stockLines(wants, at: location)))
    }

    static func restocked(
        _ number: UInt64, _ goodsReturn: UInt64, _ wants: [Want], at location: LocationID = .main
    ) -> Event {
        .stockRestocked(
            StockRestocked(
                orderID: Cast.order(number), returnID: Cast.goodsReturn(goodsReturn),
                lines: stockLines(wants, at: location)))
    }

    static func registered(_ user: UserID, digest byte: UInt8) -> Event {
        .userRegistered(
            UserRegistered(
                userID: user, emailDigest: Cast.digest(byte),
                email: Sealed(box: [1, 2, 3], keyVersion: 1)))
    }

    static func issued(
        _ number: UInt64, to user: UserID, digest byte: UInt8, expiresAt: Instant
    ) -> Event {
        .verificationIssued(
            VerificationIssued(
                verificationID: Cast.verification(number), userID: user,
                purpose: .emailVerification, emailDigest: Cast.digest(byte), expiresAt: expiresAt))
    }

    static func verified(_ user: UserID, by number: UInt64) -> Event {
        .emailVerified(EmailVerified(userID: user, verificationID: Cast.verification(number)))
    }

    static func mailRequested(_ number: UInt64, to user: UserID, order: UInt64) -> Event {
        .mailRequested(
            MailRequested(
                mailID: Cast.mail(number), template: .orderConfirmed, userID: user,
                orderID: Cast.order(order), verificationID: nil))
    }
}
