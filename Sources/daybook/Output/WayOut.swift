import DaybookCore
import DaybookDecisions
import DaybookEngine

/// The commands that lead on from an error.
enum WayOut {
    static func commands(for kind: DaybookError.Kind) -> [String] {
        switch kind {
        case .rejected(let rejection): commands(for: rejection)
        case .paymentFailed(let order, _): ["daybook order show \(order)"]
        case .paymentPending(let order):
            ["daybook payment reconcile", "daybook order show \(order)"]
        case .captureFailed: ["daybook payment list"]
        case .idempotencyKeyReused: ["the same command with another --key"]
        case .requestInProgress, .busy: ["the same command again"]
        case .outcomeUnknown: ["the same command with the same --key: it has one effect"]
        case .storeNotFound: ["daybook init --store DIR", "daybook demo"]
        case .storeExists: ["daybook init --if-missing", "daybook doctor"]
        case .storeLocked: ["daybook doctor"]
        case .needsNewerProgram, .keyMissing, .io, .readOnly, .noSpace, .closed:
            ["daybook doctor"]
        case .damaged: ["daybook repair --dry-run"]
        case .readModel: ["daybook projection rebuild --all"]
        case .notFound, .invalidRequest: []
        }
    }

    private static func commands(for rejection: Rejection) -> [String] {
        switch rejection {
        case .insufficientStock(let lines): lines.first.map(commands(for:)) ?? []
        case .productNotFound: ["daybook product list"]
        case .duplicateSKU(let sku): ["daybook product show \(shellQuoted(sku.rawValue))"]
        case .stockConflict(let sku, _, _), .negativeStock(let sku, _, _, _), .notStocked(let sku):
            ["daybook stock show \(shellQuoted(sku.rawValue))"]
        case .emailNotVerified(let user):
            ["daybook mail list", "daybook user verify", "daybook user show \(user)"]
        case .accountDisabled(let user): ["daybook user reactivate \(user) --reason WHY"]
        case .tokenInvalidOrExpired, .tokenUsedOrUnknown, .tokenExpired:
            ["daybook user resend EMAIL"]
        case .emailAlreadyRegistered: ["daybook user resend EMAIL"]
        case .orderNotFound: ["daybook order list"]
        case .userNotFound: ["daybook user list"]
        case .illegalTransition(let refused):
            ["daybook order show \(refused.order)"]
        case .overShipment, .overReturn: ["daybook order show ORDER"]
        case .paymentNotFound: ["daybook payment list"]
        case .paymentInFlight, .paymentPending: ["daybook payment reconcile"]
        case .paymentFailed(let order, _, _): ["daybook order show \(order)"]
        case .priceChanged: ["the same command with the new --expected-total"]
        case .idempotencyKeyReused: ["the same command with another --key"]
        case .requestInProgress, .conflict: ["the same command again"]
        default: []
        }
    }

    private static func commands(for shortage: LineShortage) -> [String] {
        let sku = shellQuoted("\(shortage.sku)")
        return switch shortage.reason {
        case .productNotFound: ["daybook product list"]
        case .productDiscontinued: ["daybook product show \(sku)"]
        case .insufficient: ["daybook stock show \(sku)", "daybook stock receive \(sku) QUANTITY"]
        }
    }
}
