public import DaybookCore

/// Writes the messages of the order business: pure, the same arguments give the same text.
///
/// Source: DOMAIN.md S-060, S-079, S-124; SECURITY.md 2 (the token stands in the link's fragment,
/// which browsers do not send and mail scanners do not redeem).
public struct MailComposer: Hashable, Sendable {
    /// Who sends what is about orders.
    public var orderSender: String
    /// Who sends what is about accounts.
    public var accountSender: String
    /// The page that redeems a verification token; the token is added as `#token=…`.
    public var verificationPage: String

    public init(
        orderSender: String = "orders@example.com",
        accountSender: String = "noreply@example.com",
        verificationPage: String = "https://example.com/verify"
    ) {
        self.orderSender = orderSender
        self.accountSender = accountSender
        self.verificationPage = verificationPage
    }

    /// The order is paid for.
    public func orderConfirmed(
        id: MailID, order: OrderID, to recipient: String, at instant: Instant
    ) -> OutgoingMail {
        OutgoingMail(
            id: id, to: recipient, from: orderSender, subject: "Order \(order) Confirmed",
            body: "Your order has been confirmed.", date: instant)
    }

    /// The link that proves an address.
    ///
    /// - Parameter token: base64url, as the vault derives it.
    public func verifyEmail(
        id: MailID, token: String, expiresAt: Instant, to recipient: String, at instant: Instant
    ) -> OutgoingMail {
        OutgoingMail(
            id: id, to: recipient, from: accountSender, subject: "Verify your email",
            body: """
                Open this link to verify your email address:

                \(verificationPage)#token=\(token)

                The link can be used once, until \(expiresAt).
                If you did not ask for an account, ignore this message.
                """,
            date: instant)
    }

    /// Somebody tried to register an address that has an account (D-36): only its owner is told.
    public func alreadyRegistered(
        id: MailID, to recipient: String, at instant: Instant
    ) -> OutgoingMail {
        OutgoingMail(
            id: id, to: recipient, from: accountSender, subject: "You already have an account",
            body: """
                Somebody, probably you, asked for an account with this email address.
                The address already has an account: log in, or reset your password if you \
                forgot it.
                If it was not you, ignore this message; nothing has changed.
                """,
            date: instant)
    }
}
