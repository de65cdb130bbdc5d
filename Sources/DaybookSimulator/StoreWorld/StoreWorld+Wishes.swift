import DaybookCore
import DaybookDecisions
import DaybookEngine

/// Commands, and who asks for them.
struct Wish {
    var commands: [Command]
    var actor: Actor
}

/// What clients ask for: few products, few people, so that they get in each other's way.
extension StoreWorld {
    private static let pounds = Currency(rawValue: "GBP")

    /// What is needed before anybody can order; `nil` when it is there.
    func setUpWish(_ daybook: Daybook) async -> Wish? {
        if clients.products.count < plan.productCount { return newProduct() }
        if clients.users.isEmpty { return newUser() }
        if let user = clients.users.first, !user.isVerified {
            return await verification(of: user, daybook)
        }
        return nil
    }

    func wish(of client: Int, _ daybook: Daybook) async -> Wish? {
        if clients.products.isEmpty { return newProduct() }
        if clients.users.isEmpty { return newUser() }
        if clients.users.count < plan.userCount, chance.happens(1, in: 6) { return newUser() }
        if let user = clients.users.first(where: { !$0.isVerified }), chance.happens(1, in: 3) {
            return await verification(of: user, daybook)
        }
        let kind = chance.pick([
            (Kind.order, weight: 10), (.orderManually, weight: 4), (.complete, weight: 5),
            (.ship, weight: 4), (.cancel, weight: 3), (.capture, weight: 2), (.void, weight: 1),
            (.refund, weight: 2), (.announceReturn, weight: 2), (.receiveReturn, weight: 2),
            (.stock, weight: 3), (.adjust, weight: 2), (.price, weight: 1), (.resend, weight: 1),
            (.registerAgain, weight: 1), (.transaction, weight: 2), (.account, weight: 1),
        ])
        switch kind {
        case .order: return order(.automatic)
        case .orderManually: return order(.manual)
        case .stock: return byShop(.receiveStock(ReceiveStock(sku: product, quantity: amount)))
        case .adjust:
            return byShop(
                .adjustStock(AdjustStock(sku: product, delta: amount - 5, reason: "count")))
        case .price:
            return byShop(.changePrice(ChangePrice(sku: product, price: money(Int64(amount)))))
        case .resend, .registerAgain, .account: return aboutAccount(kind)
        case .transaction: return transaction()
        default: return aboutOrder(kind)
        }
    }

    private enum Kind {
        case order, orderManually, complete, ship, cancel, capture, void, refund, announceReturn
        case receiveReturn, stock, adjust, price, resend, registerAgain, transaction, account
    }

    private static let shop = Actor.operator("shop")

    private func byShop(_ command: Command) -> Wish {
        Wish(commands: [command], actor: StoreWorld.shop)
    }

    private var product: String { chance.pick(clients.products) }
    private var amount: Int { 1 + chance.below(9) }

    private func money(_ minor: Int64) -> Money {
        guard let pounds = StoreWorld.pounds else {
            preconditionFailure("StoreWorld: GBP is a currency")
        }
        return Money(minor: minor * 100, currency: pounds)
    }

    // MARK: Goods

    private func newProduct() -> Wish {
        let sku = "SKU-\(clients.products.count)"
        return Wish(
            commands: [
                .addProduct(AddProduct(sku: sku, productName: "Thing", price: money(5))),
                .receiveStock(ReceiveStock(sku: sku, quantity: 3 + amount)),
            ], actor: StoreWorld.shop)
    }

    private func transaction() -> Wish {
        Wish(
            commands: [
                .receiveStock(ReceiveStock(sku: product, quantity: amount)),
                .adjustStock(
                    AdjustStock(
                        sku: product, delta: -(amount * chance.pick([1, 6])), reason: "loss")),
            ], actor: StoreWorld.shop)
    }

    // MARK: People

    private func newUser() -> Wish {
        let number = clients.canaries.count
        let email = "canary.\(number)@example.com"
        let password = "canary horse battery \(number)"
        clients.canaries += [email, password]
        return Wish(
            commands: [.registerUser(RegisterUser(email: email, password: password))],
            actor: .system)
    }

    private func verification(of user: ClientBook.User, _ daybook: Daybook) async -> Wish? {
        guard let token = try? await daybook.verificationToken(for: user.id) else { return nil }
        return Wish(commands: [.verifyEmail(VerifyEmail(token: token))], actor: .system)
    }

    private func aboutAccount(_ kind: Kind) -> Wish {
        let user = chance.pick(clients.users)
        switch kind {
        case .resend:
            return Wish(
                commands: [.resendVerification(ResendVerification(email: user.email))],
                actor: .system)
        case .registerAgain:
            return Wish(
                commands: [
                    .registerUser(
                        RegisterUser(email: user.email, password: "canary horse battery again"))
                ], actor: .system)
        default:
            return byShop(
                chance.happens(1, in: 3)
                    ? .deactivateUser(DeactivateUser(user: user.id, reason: "abuse"))
                    : .reactivateUser(ReactivateUser(user: user.id, reason: "sorry")))
        }
    }

    // MARK: Orders

    private func order(_ capture: CaptureMode) -> Wish {
        let user = chance.pick(clients.users)
        let items = (0...chance.below(2)).map { _ in
            OrderItem(sku: product, quantity: 1 + chance.below(3))
        }
        var command = CreateOrder(user: user.id, items: items, capture: capture)
        if chance.happens(1, in: 2) {
            let street = "canary street \(clients.sent.count)"
            command.shippingAddress = street
            clients.canaries.append(street)
        }
        return Wish(commands: [.createOrder(command)], actor: .user(user.id))
    }

    private func aboutOrder(_ kind: Kind) -> Wish? {
        guard !clients.orders.isEmpty else { return nil }
        // Young orders more often than old ones.
        let age = min(chance.size(upTo: 40), clients.orders.count - 1)
        let order = clients.orders[clients.orders.count - 1 - age]
        switch kind {
        case .complete:
            return Wish(
                commands: [.completeOrder(CompleteOrder(order: order.id))], actor: .user(order.user)
            )
        case .ship: return ship(order)
        case .cancel:
            return byShop(.cancelOrder(CancelOrder(order: order.id, reason: "changed mind")))
        case .announceReturn:
            return byShop(
                .requestReturn(
                    RequestReturn(
                        order: order.id, lines: [LineReturn(lineNumber: 1, quantity: 1)])))
        case .receiveReturn:
            return byShop(
                .receiveReturn(
                    ReceiveReturn(
                        order: order.id,
                        lines: [
                            LineReceipt(
                                lineNumber: 1, received: 1, damaged: chance.below(2))
                        ], restock: chance.happens(1, in: 2))))
        default: return aboutPayment(kind, of: order)
        }
    }

    private func ship(_ order: ClientBook.Order) -> Wish {
        var command = ShipOrder(order: order.id)
        if chance.happens(1, in: 3) { command.lines = [LineShipment(lineNumber: 1, quantity: 1)] }
        return byShop(.shipOrder(command))
    }

    private func aboutPayment(_ kind: Kind, of order: ClientBook.Order) -> Wish? {
        guard let payment = order.payment else { return nil }
        switch kind {
        case .capture:
            let part: Money? = chance.happens(1, in: 2) ? money(1) : nil
            return byShop(.capturePayment(CapturePayment(payment: payment, amount: part)))
        case .void: return byShop(.voidPayment(VoidPayment(payment: payment)))
        default:
            return byShop(
                .refundPayment(
                    RefundPayment(
                        payment: payment, amount: money(Int64(1 + chance.below(4))),
                        reason: "kindness")))
        }
    }
}
