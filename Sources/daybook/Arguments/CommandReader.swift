import DaybookCore
import DaybookDecisions

/// Reads commands from objects such as `{"command":"receive_stock","sku":"A","quantity":5}`.
///
/// Names are those of the wire; fields that a command does not have are refused.
enum CommandReader {
    /// The names that are understood, in alphabetical order.
    static let names = readers.map(\.name).sorted()

    static func command(_ node: JSONNode) throws(FieldError) -> Command {
        var reader = try ObjectReader(node)
        let name = try reader.text("command")
        guard let read = readers.first(where: { $0.name == name })?.read else {
            let close = Spelling.nearest(to: name, among: names)
            throw FieldError(
                path: "command",
                problem: "'\(name)' is not a command"
                    + (close.map { "; did you mean \($0)?" }
                        ?? "; one of \(names.joined(separator: ", "))"),
                byteOffset: node.byteOffset)
        }
        let command = try read(&reader)
        try reader.finish()
        return command
    }

    private struct Entry: Sendable {
        var name: String
        var read: @Sendable (inout ObjectReader) throws(FieldError) -> Command
    }

    private static let readers: [Entry] = [
        Entry(name: "add_product", read: addProduct),
        Entry(name: "change_price", read: changePrice),
        Entry(name: "rename_product", read: renameProduct),
        Entry(name: "discontinue_product", read: discontinueProduct),
        Entry(name: "receive_stock", read: receiveStock),
        Entry(name: "adjust_stock", read: adjustStock),
        Entry(name: "register_user", read: registerUser),
        Entry(name: "verify_email", read: verifyEmail),
        Entry(name: "resend_verification", read: resendVerification),
        Entry(name: "deactivate_user", read: deactivateUser),
        Entry(name: "reactivate_user", read: reactivateUser),
        Entry(name: "create_order", read: createOrder),
        Entry(name: "complete_order", read: completeOrder),
        Entry(name: "start_processing", read: startProcessing),
        Entry(name: "ship_order", read: shipOrder),
        Entry(name: "cancel_order", read: cancelOrder),
        Entry(name: "capture_payment", read: capturePayment),
        Entry(name: "void_payment", read: voidPayment),
        Entry(name: "refund_payment", read: refundPayment),
        Entry(name: "request_return", read: requestReturn),
        Entry(name: "receive_return", read: receiveReturn),
    ]
}

// MARK: - Catalogue, stock, users

extension CommandReader {
    @Sendable private static func addProduct(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .addProduct(
            AddProduct(
                sku: try reader.text("sku"), productName: try reader.text("name"),
                price: try reader.money("price"),
                stocked: try reader.flag("stocked", default: true)))
    }

    @Sendable private static func changePrice(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .changePrice(
            ChangePrice(sku: try reader.text("sku"), price: try reader.money("price")))
    }

    @Sendable private static func renameProduct(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .renameProduct(
            RenameProduct(sku: try reader.text("sku"), productName: try reader.text("name")))
    }

    @Sendable private static func discontinueProduct(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .discontinueProduct(DiscontinueProduct(sku: try reader.text("sku")))
    }

    @Sendable private static func receiveStock(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .receiveStock(
            ReceiveStock(
                sku: try reader.text("sku"), location: try location(&reader),
                quantity: try reader.integer("quantity")))
    }

    @Sendable private static func adjustStock(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .adjustStock(
            AdjustStock(
                sku: try reader.text("sku"), location: try location(&reader),
                delta: try reader.integer("delta"), reason: try reader.text("reason"),
                expectedOnHand: try reader.optionalInteger("expected_on_hand")))
    }

    @Sendable private static func registerUser(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .registerUser(
            RegisterUser(
                email: try reader.text("email"), password: try reader.optionalText("password")))
    }

    @Sendable private static func verifyEmail(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .verifyEmail(VerifyEmail(token: try reader.text("token")))
    }

    @Sendable private static func resendVerification(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .resendVerification(ResendVerification(email: try reader.text("email")))
    }

    @Sendable private static func deactivateUser(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .deactivateUser(
            DeactivateUser(user: try user(&reader), reason: try reader.text("reason")))
    }

    @Sendable private static func reactivateUser(
        _ reader: inout ObjectReader
    ) throws(FieldError) -> Command {
        .reactivateUser(
            ReactivateUser(user: try user(&reader), reason: try reader.text("reason")))
    }
}

// MARK: - Shared fields

extension CommandReader {
    static func location(_ reader: inout ObjectReader) throws(FieldError) -> LocationID {
        try reader.optionalValue("location", "a location (1 to 32 visible characters)") {
            LocationID(rawValue: $0)
        } ?? .main
    }

    static func user(_ reader: inout ObjectReader) throws(FieldError) -> UserID {
        try reader.value("user", "a user (usr_…)") { UserID($0) }
    }

    static func order(_ reader: inout ObjectReader) throws(FieldError) -> OrderID {
        try reader.value("order", "an order (ord_…)") { OrderID($0) }
    }

    static func payment(_ reader: inout ObjectReader) throws(FieldError) -> PaymentID {
        try reader.value("payment", "a payment (pay_…)") { PaymentID($0) }
    }
}
