import DaybookCore

/// Who may ask for what.
///
/// Customers act for themselves: a foreign order is answered like one that does not exist. What the
/// shop's own people do is refused to them. Everybody else was let in by the rim.
enum Authority {
    static func check(
        _ command: PreparedCommand, given state: Shop, in context: DecisionContext
    ) throws(Rejection) {
        guard case .user(let user) = context.actor else { return }
        switch command {
        case .registerUser, .verifyEmail, .resendVerification: return
        case .createOrder(let placement):
            guard placement.user == user else { throw .forbidden("an order for somebody else") }
        case .completeOrder(let command): try check(user, owns: command.order, in: state)
        case .cancelOrder(let command): try check(user, owns: command.order, in: state)
        case .requestReturn(let command): try check(user, owns: command.order, in: state)
        default: throw .forbidden(command.name)
        }
    }

    private static func check(
        _ user: UserID, owns order: OrderID, in state: Shop
    ) throws(Rejection) {
        guard state.order(order)?.userID == user else {
            throw .orderNotFound(order.description)
        }
    }
}
