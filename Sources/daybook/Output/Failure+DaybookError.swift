import DaybookCore
import DaybookDecisions
import DaybookEngine

extension Failure {
    /// The engine's errors with exit code, details and the way out.
    init(_ error: DaybookError) {
        var details: Record = [:]
        if case .rejected(let rejection) = error.kind { details = Record(rejection.details) }
        switch error.kind {
        case .paymentFailed(let order, let code):
            details = ["order_id": .of(order), "decline_code": .text(code)]
        case .paymentPending(let order): details = ["order_id": .of(order)]
        case .captureFailed(let payment, let code):
            details = ["payment_id": .of(payment), "decline_code": .text(code)]
        default: break
        }
        self.init(
            Failure.status(of: error.kind), code: error.code, error.message, details: details,
            wayOut: WayOut.commands(for: error.kind))
    }

    private static func status(of kind: DaybookError.Kind) -> ExitStatus {
        switch kind {
        case .rejected(let rejection): status(of: rejection)
        case .paymentFailed, .captureFailed, .storeExists, .invalidRequest: .failed
        case .paymentPending, .outcomeUnknown, .noSpace, .busy, .requestInProgress: .temporary
        case .idempotencyKeyReused: .conflict
        case .storeNotFound: .noStore
        case .storeLocked: .storeLocked
        case .needsNewerProgram, .keyMissing: .storeUnreadable
        case .damaged: .damaged
        case .io, .readOnly, .closed, .readModel: .inputOutput
        case .notFound: .notFound
        }
    }

    /// By the stable code, so that a new rejection of a known kind has its exit code at once.
    private static func status(of rejection: Rejection) -> ExitStatus {
        switch rejection {
        case .idempotencyKeyReused, .conflict, .stockConflict, .priceChanged: .conflict
        case .requestInProgress, .paymentPending, .rateLimited, .paymentInFlight: .temporary
        case .unauthenticated, .forbidden, .accountDisabled: .notAllowed
        case .orderNotFound, .productNotFound, .userNotFound, .paymentNotFound, .returnNotFound:
            .notFound
        default: .failed
        }
    }
}

extension Record {
    /// The facts of a rejection.
    init(_ details: [RejectionDetail]) {
        self.init(details.map { ($0.name, Field($0.value)) })
    }
}

extension Field {
    fileprivate init(_ value: RejectionDetail.Value) {
        switch value {
        case .text(let text): self = .text(text)
        case .number(let number): self = .number(number)
        case .texts(let texts): self = .texts(texts)
        case .list(let elements): self = .records(elements.map { Record($0) })
        }
    }
}
