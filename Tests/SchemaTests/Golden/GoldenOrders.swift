import DaybookCore
import DaybookDecisions

private let line = OrderLine(
    lineNumber: 1, sku: sku, name: "WHITE HANGING HEART T-LIGHT HOLDER",
    quantity: Quantity(rawValue: 6)!, unitPriceMinor: 255, priceOverridden: false, netMinor: 1_530,
    taxMinor: 153, unstocked: false)
private let postage = OrderLine(
    lineNumber: 2, sku: SKU(rawValue: "POST")!, name: "POSTAGE", quantity: unitOfOne,
    unitPriceMinor: 1_800, priceOverridden: true, netMinor: 1_800, taxMinor: 180, unstocked: true)
private let largestLine = OrderLine(
    lineNumber: .max, sku: longSKU, name: oddText, quantity: mostUnits, unitPriceMinor: .max,
    priceOverridden: true, netMinor: .max, taxMinor: .max, unstocked: true)
private let smallestLine = OrderLine(
    lineNumber: .min, sku: sku, name: "", quantity: unitOfOne, unitPriceMinor: .min,
    priceOverridden: false, netMinor: .min, taxMinor: .min, unstocked: false)
private let units = [
    LineQuantity(lineNumber: 1, quantity: Quantity(rawValue: 4)!),
    LineQuantity(lineNumber: 2, quantity: unitOfOne),
]
private let extremeUnits = [
    LineQuantity(lineNumber: .max, quantity: mostUnits),
    LineQuantity(lineNumber: .min, quantity: unitOfOne),
]

extension GoldenEvent {
    static let orders: [GoldenEvent] = placed + progress + returns

    private static let placed: [GoldenEvent] = goldens(
        minimal: .orderPlaced(
            OrderPlaced(
                orderID: OrderID(rawValue: 0), orderNumber: 0, userID: UserID(rawValue: 0),
                lines: [], currency: pounds, netMinor: 0, taxMinor: 0, payableMinor: 0,
                taxRate: .zero, rounding: .halfUp, captureMode: .automatic)),
        full: .orderPlaced(
            OrderPlaced(
                orderID: order, orderNumber: 536_365, userID: user, lines: [line, postage],
                currency: pounds, netMinor: 3_330, taxMinor: 333, payableMinor: 3_663,
                taxRate: BasisPoints(rawValue: 1_000)!, rounding: .halfEven, captureMode: .manual,
                expiresAt: instant, shippingAddress: box, origin: .imported)),
        extremes: .orderPlaced(
            OrderPlaced(
                orderID: OrderID(rawValue: .max), orderNumber: .max, userID: user,
                lines: [largestLine, smallestLine], currency: dinars, netMinor: .max,
                taxMinor: .min, payableMinor: -1, taxRate: BasisPoints(rawValue: 100_000)!,
                rounding: .halfUp, captureMode: .automatic,
                expiresAt: Instant(microseconds: 0), shippingAddress: emptyBox, origin: .shop)),
        .orderPlaced(
            OrderPlaced(
                orderID: order, orderNumber: 1, userID: user,
                lines: Array(repeating: line, count: 300), currency: pounds, netMinor: 459_000,
                taxMinor: 45_900, payableMinor: 504_900, taxRate: BasisPoints(rawValue: 1_000)!,
                rounding: .halfUp, captureMode: .automatic)))

    private static let progress: [GoldenEvent] =
        goldens(
            minimal: .processingStarted(ProcessingStarted(orderID: OrderID(rawValue: 0))),
            full: .processingStarted(ProcessingStarted(orderID: order)))
        + goldens(
            minimal: .shipmentDispatched(
                ShipmentDispatched(
                    orderID: OrderID(rawValue: 0), shipmentID: ShipmentID(rawValue: 0),
                    location: .main, lines: [])),
            full: .shipmentDispatched(
                ShipmentDispatched(
                    orderID: order, shipmentID: shipment, location: warehouse, lines: units,
                    carrier: "Royal Mail", tracking: "RM123456785GB")),
            extremes: .shipmentDispatched(
                ShipmentDispatched(
                    orderID: order, shipmentID: shipment, location: longLocation,
                    lines: extremeUnits, carrier: "", tracking: "")))
        + goldens(
            minimal: .orderCancelled(OrderCancelled(orderID: OrderID(rawValue: 0), reason: "")),
            full: .orderCancelled(OrderCancelled(orderID: order, reason: "changed their mind")),
            extremes: .orderCancelled(OrderCancelled(orderID: order, reason: oddText)))
        + goldens(
            minimal: .orderExpired(
                OrderExpired(orderID: OrderID(rawValue: 0), deadline: Instant(microseconds: 0))),
            full: .orderExpired(OrderExpired(orderID: order, deadline: instant)),
            extremes: .orderExpired(OrderExpired(orderID: order, deadline: firstInstant)),
            .orderExpired(OrderExpired(orderID: order, deadline: lastInstant)))

    private static let returns: [GoldenEvent] =
        goldens(
            minimal: .returnRequested(
                ReturnRequested(
                    orderID: OrderID(rawValue: 0), returnID: ReturnID(rawValue: 0), lines: [])),
            full: .returnRequested(
                ReturnRequested(orderID: order, returnID: goodsReturn, lines: units)),
            extremes: .returnRequested(
                ReturnRequested(orderID: order, returnID: goodsReturn, lines: extremeUnits)))
        + goldens(
            minimal: .returnReceived(
                ReturnReceived(
                    orderID: OrderID(rawValue: 0), returnID: ReturnID(rawValue: 0), lines: [])),
            full: .returnReceived(
                ReturnReceived(
                    orderID: order, returnID: goodsReturn,
                    lines: [
                        ReturnedLine(lineNumber: 1, received: 4, damaged: 1),
                        ReturnedLine(lineNumber: 2, received: 1, damaged: 0),
                    ])),
            extremes: .returnReceived(
                ReturnReceived(
                    orderID: order, returnID: goodsReturn,
                    lines: [
                        ReturnedLine(lineNumber: 0, received: 0, damaged: 0),
                        ReturnedLine(lineNumber: .min, received: .max, damaged: -1),
                    ])))
}
