import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections
import Testing

let password = "correct horse battery staple"

extension Daybook {
    func addGoods(a: Int = 5, b: Int = 1) async throws {
        _ = try await transaction(
            [
                .addProduct(AddProduct(sku: "A", productName: "Apple", price: gbp(999))),
                .addProduct(AddProduct(sku: "B", productName: "Bread", price: gbp(1000))),
                .receiveStock(ReceiveStock(sku: "A", quantity: a)),
                .receiveStock(ReceiveStock(sku: "B", quantity: b)),
            ], as: boss)
    }

    func register(_ email: String) async throws -> UserID {
        let result = try await execute(
            .registerUser(RegisterUser(email: email, password: password)), as: .system)
        guard case .user(let user) = result.value else {
            throw UnexpectedValue(result.value)
        }
        return user
    }

    func verify(_ user: UserID) async throws {
        let token = try #require(try await verificationToken(for: user))
        _ = try await execute(.verifyEmail(VerifyEmail(token: token)), as: .system)
    }

    /// An account that may order.
    func customer(_ email: String = "ann@example.com") async throws -> UserID {
        let user = try await register(email)
        try await verify(user)
        return user
    }

    func order(
        _ items: [(String, Int)], by user: UserID, key: IdempotencyKey? = nil,
        capture: CaptureMode = .automatic
    ) async throws -> OrderOutcome {
        let items = items.map { OrderItem(sku: $0.0, quantity: $0.1) }
        let result = try await execute(
            .createOrder(CreateOrder(user: user, items: items, capture: capture)),
            as: .user(user), key: key)
        guard case .order(let outcome) = result.value else {
            throw UnexpectedValue(result.value)
        }
        return outcome
    }

    /// The error of an order that must not go well.
    func refusal(of items: [(String, Int)], by user: UserID) async throws -> DaybookError {
        do {
            let outcome = try await order(items, by: user)
            throw UnexpectedValue(.order(outcome))
        } catch let error as DaybookError {
            return error
        }
    }

    func available(_ sku: String) async throws -> Int64 {
        try await readModels.availability(sku: SKU(rawValue: sku)!, atLeast: head).value.available
    }

    func status(of order: OrderID) async throws -> String {
        try await readModels.order(orderID: order, atLeast: head).value.order.summary.status
    }

    /// The newest order of a user.
    func newestOrder(of user: UserID) async throws -> OrderID {
        let page = try await readModels.userOrders(user: user, limit: 1, atLeast: head).value
        return try #require(page.items.first).summary.orderID
    }
}

struct UnexpectedValue: Error {
    let value: CommandValue

    init(_ value: CommandValue) {
        self.value = value
    }
}

/// The error that a step must end with.
func failure<Value>(
    of step: () async throws -> Value, _ location: SourceLocation = #_sourceLocation
) async throws -> DaybookError {
    do {
        let value = try await step()
        Issue.record("expected an error, got \(value)", sourceLocation: location)
        throw UnexpectedValue(.none)
    } catch let error as DaybookError {
        return error
    }
}
