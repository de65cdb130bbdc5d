package import DaybookCore

/// Everything that the next decision needs to know, and nothing else.
///
/// It is folded from the log by ``ShopDecider/evolve(_:with:)``: products with their stock, open orders
/// with their payments, accounts, messages of the provider, and the work that the log asks for. Settled
/// orders leave it; late commands bring theirs back with ``load(_:)``.
package struct Shop: Sendable {
    /// How many settled orders are kept in memory, so that commands soon after need not read the log.
    package static let closedOrderCapacity = 10_000
    /// How many open orders are kept ready; of the others, those that wait for nothing are packed.
    package static let unpackedOrderCapacity = 10_000

    private var tables: CopyByName<Tables>

    /// - Parameters:
    ///   - closedOrderCapacity: how many settled orders are kept.
    ///   - unpackedOrderCapacity: how many open orders are kept ready before the oldest are packed.
    package init(
        closedOrderCapacity: Int = Shop.closedOrderCapacity,
        unpackedOrderCapacity: Int = Shop.unpackedOrderCapacity
    ) {
        tables = CopyByName(
            Tables(
                orders: OrderTable(
                    closedCapacity: closedOrderCapacity, unpackedCapacity: unpackedOrderCapacity)))
    }

    /// Not copyable, like the tables themselves: a question borrows them where they are. Copying one is
    /// two dozen counts, and that was done several times an order.
    private struct Tables: ~Copyable, CopyableByName {
        var catalogue = Catalogue()
        var users = UserTable()
        var orders: OrderTable
        var inbox = GatewayInbox()
        var mails = PackedMails()
        var lastOrderNumber: UInt64 = 0

        func copy() -> Tables {
            Tables(
                catalogue: catalogue.copy(), users: users.copy(), orders: orders.copy(),
                inbox: inbox.copy(), mails: mails.copy(), lastOrderNumber: lastOrderNumber)
        }
    }
}

// MARK: - Tables

extension Shop {
    package internal(set) var catalogue: Catalogue {
        _read { yield tables.value.catalogue }
        _modify { yield &tables.value.catalogue }
    }

    var users: UserTable {
        _read { yield tables.value.users }
        _modify { yield &tables.value.users }
    }

    var orders: OrderTable {
        _read { yield tables.value.orders }
        _modify { yield &tables.value.orders }
    }

    var inbox: GatewayInbox {
        _read { yield tables.value.inbox }
        _modify { yield &tables.value.inbox }
    }

    var mails: PackedMails {
        _read { yield tables.value.mails }
        _modify { yield &tables.value.mails }
    }

    /// The number of the order placed last; 0 before the first.
    package internal(set) var lastOrderNumber: UInt64 {
        get { tables.value.lastOrderNumber }
        set { tables.value.lastOrderNumber = newValue }
    }
}

// MARK: - Lookups

extension Shop {
    package func product(_ sku: SKU) -> ProductState? { catalogue[sku] }
    /// An open order, or a settled one that is still in memory.
    package func order(_ id: OrderID) -> OrderState? { orders[id] }
    package func orderID(ofPayment payment: PaymentID) -> OrderID? { orders.orderID(of: payment) }
    package func order(ofPayment payment: PaymentID) -> OrderState? {
        orderID(ofPayment: payment).flatMap { orders[$0] }
    }
    package func user(_ id: UserID) -> UserState? { users[id] }
    package func userID(forEmail digest: EmailDigest) -> UserID? { users[digest]?.id }
    /// Where the sealed address of the account stands.
    package func registration(of user: UserID) -> LogPosition? { users[user]?.registration }
    package var openOrderCount: Int { orders.openCount }
    package var cachedOrderCount: Int { orders.closedCount }
    package var packedOrderCount: Int { orders.packedCount }
    package var userCount: Int { users.count }
}

// MARK: - Work to do

extension Shop {
    /// Every call and mail without an outcome, in log order.
    ///
    /// - Complexity: O(*n* log *n*) in open orders; meant for starts and timers, not for every command.
    package var pendingIntents: [PendingIntent] { pendingIntents(withMails: true) }

    /// The same, without the mails when they are not wanted: they may be very many.
    package func pendingIntents(withMails: Bool) -> [PendingIntent] {
        var intents: [PendingIntent] = []
        if withMails {
            intents = mails.all(of: users).map {
                PendingIntent(position: $0.position, kind: .mail($0.request), isUnknown: false)
            }
        }
        orders.forEachRestless { intents += $0.pendingIntents }
        return intents.sorted { $0.position < $1.position }
    }

    /// The work that a fact asks for, if it still has no outcome; `nil` for other facts.
    ///
    /// - Precondition: the fact is folded into this state.
    package func pendingIntent(for fact: Fact) -> PendingIntent? {
        switch fact.event {
        case .mailRequested(let event):
            guard mails.contains(event.mailID) else { return nil }
            return PendingIntent(position: fact.position, kind: .mail(event), isUnknown: false)
        case .paymentRequested, .paymentCaptureRequested, .paymentVoidRequested, .refundRequested:
            guard let id = fact.event.orderID, let order = orders[id] else { return nil }
            return order.pendingIntent(askedAt: fact.position)
        default: return nil
        }
    }

    /// Whether the call or mail is still asked for and nothing is known of it: an order may have been given
    /// up since.
    package func wants(_ intent: PendingIntent) -> Bool {
        switch intent.kind {
        case .mail(let mail): return mails.contains(mail.mailID)
        case .charge(let charge): return wants(intent, of: charge.orderID)
        case .capture(let capture): return wants(intent, of: capture.orderID)
        case .void(let void): return wants(intent, of: void.orderID)
        case .refund(let refund): return wants(intent, of: refund.orderID)
        }
    }

    private func wants(_ intent: PendingIntent, of order: OrderID) -> Bool {
        orders[order]?.wants(intent) == true
    }

    /// Whether the mail was neither sent nor given up.
    package func isPending(mail: MailID) -> Bool { mails.contains(mail) }

    /// The orders whose deadline has passed and that can be given up, the most overdue first.
    ///
    /// - Complexity: O(*n*) in open orders.
    package func ordersDue(at now: Instant, limit: Int) -> [OrderID] {
        var due: [(deadline: Instant, id: OrderID)] = []
        orders.forEachRestless { order in
            guard order.isDueToExpire(at: now), let deadline = order.expiresAt else { return }
            due.append((deadline, order.id))
        }
        return due.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }.prefix(max(0, limit))
            .map(\.id)
    }

    /// The orders that are paid and whose processing was not started, in the order of their numbers.
    ///
    /// - Complexity: O(*n*) in open orders.
    package func ordersAwaitingProcessing(limit: Int) -> [OrderID] {
        var waiting: [(number: UInt64, id: OrderID)] = []
        orders.forEachOpen { order in
            if order.status == .paid, !order.isHeld { waiting.append((order.number, order.id)) }
        }
        return waiting.sorted { $0.number < $1.number }.prefix(max(0, limit)).map(\.id)
    }
}
