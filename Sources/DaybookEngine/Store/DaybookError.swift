public import DaybookCore
public import DaybookDecisions

/// Why Daybook did not do what was asked: what failed, where, and what the reader can do.
public struct DaybookError: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The business says no.
        case rejected(Rejection)
        /// The order stands, unpaid: the bank declined. Its id can be asked for.
        case paymentFailed(order: OrderID, code: String)
        /// The order stands; whether it is paid will be known later.
        case paymentPending(order: OrderID)
        /// The bank declined a capture or refund of an order that stands.
        case captureFailed(payment: PaymentID, code: String)
        /// The key was used before with another request.
        case idempotencyKeyReused
        /// The first request with this key is still at work.
        case requestInProgress
        /// The batch may or may not be in the log; the same key gives the final answer.
        case outcomeUnknown
        case storeNotFound
        case storeExists
        case storeLocked
        /// The store was written by a newer program.
        case needsNewerProgram
        /// The vault or its master key is missing or is not this store's.
        case keyMissing
        /// Stored bytes are damaged; the message has the exact range.
        case damaged
        case io
        case readOnly
        case noSpace
        /// An order, user, position that is not there.
        case notFound
        /// A read model cannot answer now.
        case readModel
        /// The request itself cannot be taken, whatever the state.
        case invalidRequest
        /// Too many commands wait; try again.
        case busy
        case closed
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Stable, for programs; `message` is for people.
    public var code: String {
        switch kind {
        case .rejected(let rejection): rejection.code
        case .paymentFailed: "payment_failed"
        case .paymentPending: "payment_pending"
        case .captureFailed: "capture_failed"
        case .idempotencyKeyReused: "idempotency_key_reused"
        case .requestInProgress: "request_in_progress"
        case .outcomeUnknown: "outcome_unknown"
        case .storeNotFound: "store_not_found"
        case .storeExists: "store_exists"
        case .storeLocked: "store_locked"
        case .needsNewerProgram: "needs_newer_program"
        case .keyMissing: "key_missing"
        case .damaged: "log_corrupt"
        case .io: "log_unavailable"
        case .readOnly: "read_only"
        case .noSpace: "no_space"
        case .notFound: "not_found"
        case .readModel: "read_model_unavailable"
        case .invalidRequest: "invalid_request"
        case .busy: "busy"
        case .closed: "closed"
        }
    }

    static func rejected(_ rejection: Rejection) -> DaybookError {
        DaybookError(.rejected(rejection), rejection.message)
    }
}

extension DaybookError: CustomStringConvertible {
    public var description: String { "\(message) [\(code)]" }
}
