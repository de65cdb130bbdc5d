import DaybookCore
import DaybookDecisions
import DaybookEngine

func sellALamp(in directory: String, for price: Money) async throws -> CommandValue? {
    let configuration = DaybookConfiguration(directory: directory)
    try Daybook.create(configuration)
    let daybook = try await Daybook.open(configuration)
    _ = try await daybook.transaction(
        [
            .addProduct(AddProduct(sku: "LAMP", productName: "Desk lamp", price: price)),
            .receiveStock(ReceiveStock(sku: "LAMP", quantity: 5)),
            .registerUser(RegisterUser(email: "ada@example.com", password: nil)),
        ], as: .operator("shop"))
    guard let ada = try await daybook.user(withEmail: "ada@example.com") else { return nil }
    let order = CreateOrder(user: ada, items: [OrderItem(sku: "LAMP", quantity: 2)])
    let key = IdempotencyKey("basket-1")
    let placed = try await daybook.execute(.createOrder(order), as: .operator("shop"), key: key)
    try await daybook.close()
    return placed.value
}
