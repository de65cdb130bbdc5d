import DaybookCore
import DaybookDecisions

/// Orders, payments and returns.
extension CommandReader {
    @Sendable static func createOrder(_ reader: inout ObjectReader) throws(FieldError) -> Command {
        .createOrder(
            CreateOrder(
                user: try user(&reader),
                items: try reader.objects("items") { item throws(FieldError) in
                    OrderItem(
                        sku: try item.text("sku"), quantity: try item.integer("quantity"),
                        unitPrice: try item.optionalMoney("unit_price"))
                },
                shippingAddress: try reader.optionalText("shipping_address"),
                expectedTotal: try reader.optionalMoney("expected_total"),
                capture: try reader.optionalValue("capture", "automatic or manual") { name in
                    CaptureMode.allCases.first { $0.name == name }
                } ?? .automatic))
    }

    @Sendable static func completeOrder(_ reader: inout ObjectReader) throws(FieldError) -> Command
    {
        .completeOrder(CompleteOrder(order: try order(&reader)))
    }

    @Sendable static func startProcessing(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .startProcessing(StartProcessing(order: try order(&reader)))
    }

    @Sendable static func shipOrder(_ reader: inout ObjectReader) throws(FieldError) -> Command {
        .shipOrder(
            ShipOrder(
                order: try order(&reader),
                lines: try reader.optionalObjects("lines") { line throws(FieldError) in
                    LineShipment(
                        lineNumber: try line.integer("line_number"),
                        quantity: try line.integer("quantity"))
                },
                location: try location(&reader), carrier: try reader.optionalText("carrier"),
                tracking: try reader.optionalText("tracking")))
    }

    @Sendable static func cancelOrder(_ reader: inout ObjectReader) throws(FieldError) -> Command {
        .cancelOrder(CancelOrder(order: try order(&reader), reason: try reader.text("reason")))
    }

    @Sendable static func capturePayment(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .capturePayment(
            CapturePayment(
                payment: try payment(&reader), amount: try reader.optionalMoney("amount")))
    }

    @Sendable static func voidPayment(_ reader: inout ObjectReader) throws(FieldError) -> Command {
        .voidPayment(VoidPayment(payment: try payment(&reader)))
    }

    @Sendable static func refundPayment(_ reader: inout ObjectReader) throws(FieldError) -> Command
    {
        .refundPayment(
            RefundPayment(
                payment: try payment(&reader), amount: try reader.money("amount"),
                reason: try reader.text("reason")))
    }

    @Sendable static func requestReturn(_ reader: inout ObjectReader) throws(FieldError) -> Command
    {
        .requestReturn(
            RequestReturn(
                order: try order(&reader),
                lines: try reader.objects("lines") { line throws(FieldError) in
                    LineReturn(
                        lineNumber: try line.integer("line_number"),
                        quantity: try line.integer("quantity"))
                }))
    }

    @Sendable static func receiveReturn(_ reader: inout ObjectReader) throws(FieldError) -> Command
    {
        .receiveReturn(
            ReceiveReturn(
                returnID: try reader.value("return", "a return (ret_…)") { ReturnID($0) },
                order: try order(&reader),
                lines: try reader.objects("lines") { line throws(FieldError) in
                    LineReceipt(
                        lineNumber: try line.integer("line_number"),
                        received: try line.integer("received"),
                        damaged: try line.optionalInteger("damaged") ?? 0)
                },
                restock: try reader.flag("restock", default: true)))
    }
}
