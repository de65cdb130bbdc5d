import DaybookCore
import DaybookDecisions
import DaybookEngine

func sellALamp(in directory: String) async throws -> OrderStatus? {
    let configuration = DaybookConfiguration(directory: directory)
    try Daybook.create(configuration)
    let daybook = try await Daybook.open(configuration)
    guard let pounds = Currency("GBP") else { return nil }
    let price = Money(minor: 9_99, currency: pounds)
    _ = try await daybook.transaction(
        [
            .addProduct(AddProduct(sku: "LAMP", productName: "Desk lamp", price: price)),
            .receiveStock(ReceiveStock(sku: "LAMP", quantity: 5)),
            .registerUser(RegisterUser(email: "ada@example.com", password: nil)),
        ], as: .operator("shop"))
    guard let ada = try await daybook.user(withEmail: "ada@example.com"),
        let token = try await daybook.verificationToken(for: ada)
    else { return nil }
    _ = try await daybook.execute(.verifyEmail(VerifyEmail(token: token)), as: .user(ada))
    let order = CreateOrder(user: ada, items: [OrderItem(sku: "LAMP", quantity: 2)])
    let placed = try await daybook.execute(
        .createOrder(order), as: .user(ada), key: IdempotencyKey("basket-1"))
    try await daybook.close()
    guard case .order(let outcome) = placed.value else { return nil }
    return outcome.status
}
