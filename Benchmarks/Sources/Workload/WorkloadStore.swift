public import DaybookCore
import DaybookDecisions
public import DaybookEngine

/// A store with the products and users of the canonical workload.
public struct WorkloadStore: Sendable {
    public let daybook: Daybook
    /// Where its mails went.
    public let postOffice: NoPostOffice
    /// By their numbers in the workload.
    public let users: [UserID]
    private let skus: [String]

    /// What went wrong while a store was prepared or used.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(_ description: String) {
            self.description = description
        }
    }

    private static let actor = Actor.operator("workload")
    private static let groupCount = 1_000
    private static let ample = 1_000_000_000

    /// - Parameter sendsMails: hands every mail to a post office that only counts, and records it.
    public static func configuration(
        directory: String, sendsMails: Bool = false, postOffice: NoPostOffice = NoPostOffice()
    ) -> DaybookConfiguration {
        var configuration = DaybookConfiguration(directory: directory)
        configuration.reactors = sendsMails ? .automatic : .paymentsOnly
        configuration.gateway = YesBank()
        configuration.mailSender = postOffice
        var settings = StoreSettings()
        // One order is two batches; starting its processing would be a third.
        settings.shop.startProcessingWhenPaid = false
        configuration.settings = settings
        return configuration
    }

    /// Makes a store and fills it: 1,000 products in ample stock, 10,000 verified users.
    public static func create(
        in directory: String, currency: String = "EUR", sendsMails: Bool = false
    ) async throws -> WorkloadStore {
        let postOffice = NoPostOffice()
        let configuration = configuration(
            directory: directory, sendsMails: sendsMails, postOffice: postOffice)
        try Daybook.create(configuration)
        let daybook = try await Daybook.open(configuration)
        let skus = (0..<OrderStream.productCount).map(sku(of:))
        guard let currency = Currency(currency) else { throw Failure("no currency \(currency)") }
        var commands: [Command] = []
        for (number, sku) in skus.enumerated() {
            let price = Money(minor: price(of: number), currency: currency)
            commands.append(
                .addProduct(AddProduct(sku: sku, productName: "Product \(number)", price: price)))
            commands.append(.receiveStock(ReceiveStock(sku: sku, quantity: ample)))
        }
        _ = try await perform(commands, in: daybook)
        let users = try await register(0..<OrderStream.userCount, in: daybook)
        return WorkloadStore(daybook: daybook, postOffice: postOffice, users: users, skus: skus)
    }

    /// Opens a store that an earlier run filled, also one that was killed.
    public static func open(in directory: String) async throws -> WorkloadStore {
        let postOffice = NoPostOffice()
        let daybook = try await Daybook.open(
            configuration(directory: directory, postOffice: postOffice))
        var users: [UserID] = []
        for number in 0..<OrderStream.userCount {
            users.append(try await user(number, in: daybook))
        }
        return WorkloadStore(
            daybook: daybook, postOffice: postOffice, users: users,
            skus: (0..<OrderStream.productCount).map(sku(of:)))
    }

    /// The same store closed and opened again: its files are as small as they become.
    ///
    /// - Parameter closed: is called in between.
    public func reopened(in directory: String, closed: () -> Void) async throws -> WorkloadStore {
        try await daybook.close()
        closed()
        let configuration = WorkloadStore.configuration(
            directory: directory, postOffice: postOffice)
        return WorkloadStore(
            daybook: try await Daybook.open(configuration), postOffice: postOffice, users: users,
            skus: skus)
    }

    /// How many events a store's log holds; nobody needs to have closed it.
    public static func eventCount(in directory: String) throws -> Int {
        Int(try DaybookReader.open(directory: directory).head.rawValue)
    }

    /// Users of these numbers, each registered and verified.
    public static func register(_ numbers: Range<Int>, in daybook: Daybook) async throws -> [UserID]
    {
        let registered = try await perform(
            numbers.map { .registerUser(RegisterUser(email: email(of: $0), password: nil)) },
            in: daybook)
        var users: [UserID] = []
        var verifications: [Command] = []
        for value in registered {
            guard case .user(let user) = value else { throw Failure("no user was registered") }
            users.append(user)
            guard let token = try await daybook.verificationToken(for: user) else {
                throw Failure("user \(user) has no verification token")
            }
            verifications.append(.verifyEmail(VerifyEmail(token: token)))
        }
        _ = try await perform(verifications, in: daybook)
        return users
    }

    /// A user of the workload in a store that holds it already.
    public static func user(_ number: Int, in daybook: Daybook) async throws -> UserID {
        guard let user = try await daybook.user(withEmail: email(of: number)) else {
            throw Failure("the store has no user \(email(of: number)); was its setup killed?")
        }
        return user
    }

    /// In groups; every command must succeed.
    private static func perform(
        _ commands: [Command], in daybook: Daybook
    ) async throws -> [CommandValue] {
        var values: [CommandValue] = []
        var rest = commands[...]
        while !rest.isEmpty {
            let group = rest.prefix(groupCount)
            rest = rest.dropFirst(groupCount)
            for result in await daybook.executeAll(group.map { Request([$0], as: actor) }) {
                values.append(try result.get().value)
            }
        }
        return values
    }

    private static func email(of user: Int) -> String { "u\(user)@example.com" }

    private static func sku(of product: Int) -> String {
        let digits = String(product)
        return "P" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func price(of product: Int) -> Int64 {
        Int64(199 + product * 7_919 % 9_800)
    }

    /// Ships orders that were placed just now, so that they do not stay open.
    public func ship(_ placed: [Result<CommandResult, DaybookError>]) async throws {
        let requests = try placed.map { result -> Request in
            guard case .order(let order) = try result.get().value else {
                throw Failure("an order gave no order: \(result)")
            }
            return Request(
                [.shipOrder(ShipOrder(order: order.orderID))], as: WorkloadStore.actor)
        }
        for result in await daybook.executeAll(requests) { _ = try result.get() }
    }

    /// The request that places an order; every number is a key of its own.
    public func request(for order: WorkloadOrder, number: Int) -> Request {
        let items = order.lines.map {
            OrderItem(sku: skus[$0.product], quantity: $0.quantity)
        }
        return WorkloadStore.request(user: users[order.user], items: items, number: number)
    }

    /// The request that takes in what an order's first line takes out; one batch.
    func delivery(for order: WorkloadOrder, number: Int) -> Request {
        let line = order.lines[0]
        return Request(
            [.receiveStock(ReceiveStock(sku: skus[line.product], quantity: line.quantity))],
            as: WorkloadStore.actor, key: IdempotencyKey("w\(number)"))
    }

    /// The same when only this order's user is known.
    public static func request(
        for order: WorkloadOrder, by user: UserID, number: Int
    ) -> Request {
        let items = order.lines.map {
            OrderItem(sku: sku(of: $0.product), quantity: $0.quantity)
        }
        return request(user: user, items: items, number: number)
    }

    private static func request(user: UserID, items: [OrderItem], number: Int) -> Request {
        Request(
            [.createOrder(CreateOrder(user: user, items: items))],
            as: actor, key: IdempotencyKey("w\(number)"))
    }
}
