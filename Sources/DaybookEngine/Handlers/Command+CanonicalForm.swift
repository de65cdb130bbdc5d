import DaybookCore
import DaybookDecisions

/// The canonical bytes of a request: equal for equal requests, different for different ones, on every
/// machine. Fingerprints are made of them; they are never stored themselves.
extension Request {
    func write(canonicalFormInto writer: inout WireWriter) {
        for command in commands {
            writer.alwaysField(1, text: command.name)
            writer.field(2) { command.write(canonicalFormInto: &$0) }
        }
    }
}

extension Command {
    fileprivate func write(canonicalFormInto writer: inout WireWriter) {
        switch self {
        case .addProduct, .changePrice, .renameProduct, .discontinueProduct, .receiveStock,
            .adjustStock:
            writeCatalogue(into: &writer)
        case .registerUser, .verifyEmail, .resendVerification, .deactivateUser, .reactivateUser:
            writeAccount(into: &writer)
        case .createOrder, .completeOrder, .startProcessing, .shipOrder, .cancelOrder, .expireOrder,
            .requestReturn, .receiveReturn:
            writeOrder(into: &writer)
        case .capturePayment, .voidPayment, .refundPayment, .ingestGatewayEvent,
            .reconcilePayments, .recordPaymentOutcome, .recordMailOutcome, .skipProjectionEvent:
            writeEffect(into: &writer)
        }
    }

    private func writeCatalogue(into writer: inout WireWriter) {
        switch self {
        case .addProduct(let command):
            writer.field(1, text: command.sku)
            writer.field(2, text: command.productName)
            writer.field(3) { command.price.encode(into: &$0) }
            writer.field(4, bool: command.stocked)
        case .changePrice(let command):
            writer.field(1, text: command.sku)
            writer.field(2) { command.price.encode(into: &$0) }
        case .renameProduct(let command):
            writer.field(1, text: command.sku)
            writer.field(2, text: command.productName)
        case .discontinueProduct(let command):
            writer.field(1, text: command.sku)
        case .receiveStock(let command):
            writer.field(1, text: command.sku)
            writer.field(2, text: command.location.rawValue)
            writer.field(3, int: Int64(command.quantity))
        case .adjustStock(let command):
            writer.field(1, text: command.sku)
            writer.field(2, text: command.location.rawValue)
            writer.field(3, zigzag: Int64(command.delta))
            writer.field(4, text: command.reason)
            if let expected = command.expectedOnHand {
                writer.alwaysField(5, varint: UInt64(bitPattern: Int64(expected)))
            }
        default: preconditionFailure("Command: not about the catalogue")
        }
    }

    private func writeAccount(into writer: inout WireWriter) {
        switch self {
        case .registerUser(let command):
            writer.field(1, text: command.email)
            if let password = command.password { writer.alwaysField(2, text: password) }
        case .verifyEmail(let command):
            writer.field(1, text: command.token)
        case .resendVerification(let command):
            writer.field(1, text: command.email)
        case .deactivateUser(let command):
            writer.field(1, identifier: command.user.rawValue)
            writer.field(2, text: command.reason)
        case .reactivateUser(let command):
            writer.field(1, identifier: command.user.rawValue)
            writer.field(2, text: command.reason)
        default: preconditionFailure("Command: not about accounts")
        }
    }

    private func writeOrder(into writer: inout WireWriter) {
        switch self {
        case .createOrder(let command): write(command, into: &writer)
        case .completeOrder(let command): writer.field(1, identifier: command.order.rawValue)
        case .startProcessing(let command): writer.field(1, identifier: command.order.rawValue)
        case .expireOrder(let command): writer.field(1, identifier: command.order.rawValue)
        case .cancelOrder(let command):
            writer.field(1, identifier: command.order.rawValue)
            writer.field(2, text: command.reason)
        case .shipOrder(let command):
            writer.field(1, identifier: command.order.rawValue)
            writer.field(2, bool: command.lines != nil)
            for line in command.lines ?? [] {
                writer.field(3) { $0.write(numbers: [line.lineNumber, line.quantity]) }
            }
            writer.field(4, text: command.location.rawValue)
            if let carrier = command.carrier { writer.alwaysField(5, text: carrier) }
            if let tracking = command.tracking { writer.alwaysField(6, text: tracking) }
        case .requestReturn(let command):
            writer.field(1, identifier: command.order.rawValue)
            for line in command.lines {
                writer.field(2) { $0.write(numbers: [line.lineNumber, line.quantity]) }
            }
        case .receiveReturn(let command):
            writer.field(1, identifier: command.order.rawValue)
            if let returnID = command.returnID {
                writer.field(2, identifier: returnID.rawValue)
            }
            for line in command.lines {
                writer.field(3) {
                    $0.write(numbers: [line.lineNumber, line.received, line.damaged])
                }
            }
            writer.field(4, bool: command.restock)
        default: preconditionFailure("Command: not about orders")
        }
    }

    private func write(_ command: CreateOrder, into writer: inout WireWriter) {
        writer.field(1, identifier: command.user.rawValue)
        for item in command.items {
            writer.field(2) { line in
                line.field(1, text: item.sku)
                line.field(2, zigzag: Int64(item.quantity))
                if let price = item.unitPrice {
                    line.field(3) { price.encode(into: &$0) }
                }
            }
        }
        if let address = command.shippingAddress { writer.alwaysField(3, text: address) }
        if let total = command.expectedTotal {
            writer.field(4) { total.encode(into: &$0) }
        }
        writer.field(5, int: Int64(command.capture.rawValue))
    }

    /// Commands that mostly the engine and the provider's messages give; they carry no keys today, so
    /// their text form is canonical enough and costs nothing to keep.
    private func writeEffect(into writer: inout WireWriter) {
        switch self {
        case .capturePayment(let command):
            writer.field(1, identifier: command.payment.rawValue)
            if let amount = command.amount { writer.field(2) { amount.encode(into: &$0) } }
        case .voidPayment(let command):
            writer.field(1, identifier: command.payment.rawValue)
        case .refundPayment(let command):
            writer.field(1, identifier: command.payment.rawValue)
            writer.field(2) { command.amount.encode(into: &$0) }
            writer.field(3, text: command.reason)
        case .ingestGatewayEvent(let command):
            writer.field(1, text: command.providerEventID)
            writer.field(2, digest: command.digest)
        case .reconcilePayments:
            break
        case .recordPaymentOutcome(let command):
            writer.field(1, text: "\(command.payment) \(command.call) \(command.outcome)")
        case .recordMailOutcome(let command):
            writer.field(1, text: "\(command.mail) \(command.outcome)")
        case .skipProjectionEvent(let command):
            writer.field(1, text: command.model)
            writer.field(2, varint: command.position.rawValue)
            writer.field(3, text: command.reason)
        default: preconditionFailure("Command: not about effects")
        }
    }
}

extension WireWriter {
    fileprivate mutating func write(numbers: [Int]) {
        for (index, number) in numbers.enumerated() {
            field(index + 1, zigzag: Int64(number))
        }
    }
}
