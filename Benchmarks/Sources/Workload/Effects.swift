public import DaybookCore
public import DaybookDecisions
public import DaybookGateways
import Synchronization

/// An in-process bank that takes every payment at once.
public struct YesBank: PaymentGateway {
    public init() {}

    public func charge(_ request: ChargeRequest) async throws(GatewayError) -> GatewayAnswer {
        switch request.captureMode {
        case .automatic: .captured(reference: request.key, amount: request.amount)
        case .manual:
            .authorized(
                reference: request.key, amount: request.amount,
                expiresAt: Instant(microseconds: request.at.microseconds + 604_800_000_000))
        }
    }

    public func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        .captured(reference: reference, amount: amount)
    }

    public func void(
        key: String, reference: String, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        .voided(reference: reference)
    }

    public func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        .refunded(reference: reference, amount: amount)
    }

    public func lookup(key: String) async throws(GatewayError) -> GatewayLookup {
        .unknown(cause: "this bank keeps no books")
    }
}

/// Mails are asked for by the workload, counted, and sent by nobody.
public struct NoPostOffice: MailSender {
    private let sent = Counter()

    public init() {}

    public var sentCount: Int { sent.value }

    public func send(_ mail: OutgoingMail) async throws(MailFailure) -> MailReceipt {
        sent.add(1)
        return MailReceipt()
    }
}

/// A number that several tasks add to.
public final class Counter: Sendable {
    private let number = Atomic(0)

    public init() {}

    public var value: Int { number.load(ordering: .relaxed) }

    public func add(_ count: Int) { number.add(count, ordering: .relaxed) }
}
