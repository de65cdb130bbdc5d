/// A command with its secrets replaced by what a pure decision may see.
///
/// The rim asks the vault for keys, digests and sealed values before the writer is held; what is
/// decided and recorded here holds no password, no token and no address in clear, except the typed
/// address that the text of one rejection names.
package indirect enum PreparedCommand: Hashable, Sendable {
    case addProduct(AddProduct)
    case changePrice(ChangePrice)
    case renameProduct(RenameProduct)
    case discontinueProduct(DiscontinueProduct)
    case receiveStock(ReceiveStock)
    case adjustStock(AdjustStock)
    case registerUser(Registration)
    case verifyEmail(Redemption)
    case resendVerification(VerificationRenewal)
    case deactivateUser(DeactivateUser)
    case reactivateUser(ReactivateUser)
    case createOrder(Placement)
    case completeOrder(CompleteOrder)
    case startProcessing(StartProcessing)
    case shipOrder(ShipOrder)
    case cancelOrder(CancelOrder)
    case expireOrder(ExpireOrder)
    case capturePayment(CapturePayment)
    case voidPayment(VoidPayment)
    case refundPayment(RefundPayment)
    case ingestGatewayEvent(IngestGatewayEvent)
    case reconcilePayments(ReconcilePayments)
    case recordPaymentOutcome(RecordPaymentOutcome)
    case requestReturn(RequestReturn)
    case receiveReturn(ReceiveReturn)
    case recordMailOutcome(RecordMailOutcome)
    case skipProjectionEvent(SkipProjectionEvent)
    /// Tells the owner that somebody tried to register the address again (D-36). Asked for by the
    /// engine after `email_already_registered`, never by a caller.
    case noticeRegistered(EmailDigest)
}

extension PreparedCommand {
    /// The command's type name, as the batch carries it.
    package var name: String {
        switch self {
        case .addProduct: AddProduct.name
        case .changePrice: ChangePrice.name
        case .renameProduct: RenameProduct.name
        case .discontinueProduct: DiscontinueProduct.name
        case .receiveStock: ReceiveStock.name
        case .adjustStock: AdjustStock.name
        case .registerUser: RegisterUser.name
        case .verifyEmail: VerifyEmail.name
        case .resendVerification: ResendVerification.name
        case .deactivateUser: DeactivateUser.name
        case .reactivateUser: ReactivateUser.name
        case .createOrder: CreateOrder.name
        case .completeOrder: CompleteOrder.name
        case .startProcessing: StartProcessing.name
        case .shipOrder: ShipOrder.name
        case .cancelOrder: CancelOrder.name
        case .expireOrder: ExpireOrder.name
        case .capturePayment: CapturePayment.name
        case .voidPayment: VoidPayment.name
        case .refundPayment: RefundPayment.name
        case .ingestGatewayEvent: IngestGatewayEvent.name
        case .reconcilePayments: ReconcilePayments.name
        case .recordPaymentOutcome: RecordPaymentOutcome.name
        case .requestReturn: RequestReturn.name
        case .receiveReturn: ReceiveReturn.name
        case .recordMailOutcome: RecordMailOutcome.name
        case .skipProjectionEvent: SkipProjectionEvent.name
        case .noticeRegistered: "NoticeRegistered"
        }
    }

    /// The command itself where there is nothing to prepare; `nil` for the four that the vault
    /// prepares (`registerUser`, `verifyEmail`, `resendVerification`, `createOrder`).
    package init?(passing command: Command) {
        switch command {
        case .registerUser, .verifyEmail, .resendVerification, .createOrder: return nil
        case .addProduct(let command): self = .addProduct(command)
        case .changePrice(let command): self = .changePrice(command)
        case .renameProduct(let command): self = .renameProduct(command)
        case .discontinueProduct(let command): self = .discontinueProduct(command)
        case .receiveStock(let command): self = .receiveStock(command)
        case .adjustStock(let command): self = .adjustStock(command)
        case .deactivateUser(let command): self = .deactivateUser(command)
        case .reactivateUser(let command): self = .reactivateUser(command)
        case .completeOrder(let command): self = .completeOrder(command)
        case .startProcessing(let command): self = .startProcessing(command)
        case .shipOrder(let command): self = .shipOrder(command)
        case .cancelOrder(let command): self = .cancelOrder(command)
        case .expireOrder(let command): self = .expireOrder(command)
        case .capturePayment(let command): self = .capturePayment(command)
        case .voidPayment(let command): self = .voidPayment(command)
        case .refundPayment(let command): self = .refundPayment(command)
        case .ingestGatewayEvent(let command): self = .ingestGatewayEvent(command)
        case .reconcilePayments(let command): self = .reconcilePayments(command)
        case .recordPaymentOutcome(let command): self = .recordPaymentOutcome(command)
        case .requestReturn(let command): self = .requestReturn(command)
        case .receiveReturn(let command): self = .receiveReturn(command)
        case .recordMailOutcome(let command): self = .recordMailOutcome(command)
        case .skipProjectionEvent(let command): self = .skipProjectionEvent(command)
        }
    }
}
