import DaybookCore
import DaybookDecisions

private let line = StockLine(lineNumber: 1, sku: sku, location: .main, quantity: unitOfOne)
private let lines = [
    line, StockLine(lineNumber: 2, sku: longSKU, location: warehouse, quantity: mostUnits),
]
private let extremeLines = [
    StockLine(lineNumber: .max, sku: longSKU, location: longLocation, quantity: mostUnits),
    StockLine(lineNumber: .min, sku: sku, location: .main, quantity: unitOfOne),
]

extension GoldenEvent {
    static let inventory: [GoldenEvent] = products + stock + stockOfOrders

    private static let products: [GoldenEvent] =
        goldens(
            minimal: .productAdded(
                ProductAdded(sku: sku, name: "", price: nothing, stocked: false, backorder: false)),
            full: .productAdded(
                ProductAdded(
                    sku: sku, name: "WHITE HANGING HEART T-LIGHT HOLDER", price: price,
                    stocked: true, backorder: true)),
            extremes: .productAdded(
                ProductAdded(
                    sku: longSKU, name: oddText, price: mostMoney, stocked: true, backorder: true)))
        + goldens(
            minimal: .priceChanged(PriceChanged(sku: sku, oldPrice: nothing, newPrice: nothing)),
            full: .priceChanged(
                PriceChanged(
                    sku: sku, oldPrice: price, newPrice: Money(minor: 295, currency: pounds))),
            extremes: .priceChanged(
                PriceChanged(sku: longSKU, oldPrice: leastMoney, newPrice: mostMoney)))
        + goldens(
            minimal: .productRenamed(ProductRenamed(sku: sku, name: "")),
            full: .productRenamed(ProductRenamed(sku: sku, name: "White heart")),
            extremes: .productRenamed(ProductRenamed(sku: longSKU, name: longText)))
        + goldens(
            minimal: .productDiscontinued(ProductDiscontinued(sku: sku)),
            full: .productDiscontinued(ProductDiscontinued(sku: SKU(rawValue: "15056 BL")!)),
            extremes: .productDiscontinued(ProductDiscontinued(sku: longSKU)))

    private static let stock: [GoldenEvent] =
        goldens(
            minimal: .stockReceived(StockReceived(sku: sku, location: .main, quantity: 0)),
            full: .stockReceived(StockReceived(sku: sku, location: warehouse, quantity: 300)),
            extremes: .stockReceived(
                StockReceived(sku: longSKU, location: longLocation, quantity: .max)),
            .stockReceived(StockReceived(sku: longSKU, location: longLocation, quantity: .min)))
        + goldens(
            minimal: .stockAdjusted(
                StockAdjusted(sku: sku, location: .main, delta: 0, reason: "")),
            full: .stockAdjusted(
                StockAdjusted(sku: sku, location: warehouse, delta: -12, reason: "broken")),
            extremes: .stockAdjusted(
                StockAdjusted(sku: sku, location: .main, delta: .max, reason: oddText)),
            .stockAdjusted(
                StockAdjusted(sku: sku, location: .main, delta: .min, reason: longText)))

    private static let stockOfOrders: [GoldenEvent] =
        goldens(
            minimal: .stockReserved(StockReserved(orderID: OrderID(rawValue: 0), lines: [])),
            full: .stockReserved(StockReserved(orderID: order, lines: lines)),
            extremes: .stockReserved(StockReserved(orderID: order, lines: extremeLines)))
        + goldens(
            minimal: .stockReleased(
                StockReleased(orderID: OrderID(rawValue: 0), lines: [], reason: .declined)),
            full: .stockReleased(StockReleased(orderID: order, lines: lines, reason: .expired)),
            extremes: .stockReleased(
                StockReleased(orderID: order, lines: extremeLines, reason: .cancelled)))
        + goldens(
            minimal: .stockShipped(
                StockShipped(
                    orderID: OrderID(rawValue: 0), shipmentID: ShipmentID(rawValue: 0), lines: [])),
            full: .stockShipped(StockShipped(orderID: order, shipmentID: shipment, lines: lines)),
            extremes: .stockShipped(
                StockShipped(orderID: order, shipmentID: shipment, lines: extremeLines)))
        + goldens(
            minimal: .stockRestocked(
                StockRestocked(
                    orderID: OrderID(rawValue: 0), returnID: ReturnID(rawValue: 0), lines: [])),
            full: .stockRestocked(
                StockRestocked(orderID: order, returnID: goodsReturn, lines: lines)),
            extremes: .stockRestocked(
                StockRestocked(orderID: order, returnID: goodsReturn, lines: extremeLines)))
}
