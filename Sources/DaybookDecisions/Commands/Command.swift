/// A wish: what may be asked of the shop.
public indirect enum Command: Hashable, Sendable {
    case addProduct(AddProduct)
    case changePrice(ChangePrice)
    case renameProduct(RenameProduct)
    case discontinueProduct(DiscontinueProduct)
    case receiveStock(ReceiveStock)
    case adjustStock(AdjustStock)
    case registerUser(RegisterUser)
    case verifyEmail(VerifyEmail)
    case resendVerification(ResendVerification)
    case deactivateUser(DeactivateUser)
    case reactivateUser(ReactivateUser)
    case createOrder(CreateOrder)
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
}

extension Command {
    /// The command's type name, as the batch carries it.
    public var name: String {
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
        }
    }
}
