import DaybookCore

/// Something after which somebody may have to be told.
enum MailOccasion: Hashable, Sendable {
    /// An account was opened, or asked for a new link; the link goes to its address.
    case linkIssued(verification: VerificationID, user: UserID)
    /// Everything that an order asks for was captured, or nothing is to be paid.
    case paidInFull(
        order: OrderID, user: UserID, isImported: Bool, isConfirmationRequested: Bool)
    /// Somebody tried to register an address that has an account.
    case registeredAgain(user: UserID)
}

/// What to tell whom.
struct MailWish: Hashable, Sendable {
    var template: MailTemplate
    var user: UserID
    var order: OrderID?
    var verification: VerificationID?
}

/// When this happened, then that mail is sent.
///
/// The wish is part of the batch of its cause, so that neither stands without the other (D-17). Nobody
/// is told twice that an order is confirmed, and **nobody is told anything about imported history**: it
/// happened elsewhere, and customers heard of it then. An imported order remembers that it is one,
/// because its payment is recorded later and by another actor.
struct MailPolicy: Policy {
    func intents(after occasion: MailOccasion) -> [MailWish] {
        wish(after: occasion).map { [$0] } ?? []
    }

    private func wish(after occasion: MailOccasion) -> MailWish? {
        switch occasion {
        case .linkIssued(let verification, let user):
            return MailWish(template: .verifyEmail, user: user, verification: verification)
        case .paidInFull(let order, let user, let isImported, let isConfirmationRequested):
            guard !isImported || Mutant.importedOrderConfirmed.isPlanted,
                !isConfirmationRequested
            else { return nil }
            return MailWish(template: .orderConfirmed, user: user, order: order)
        case .registeredAgain(let user):
            return MailWish(template: .alreadyRegistered, user: user)
        }
    }

    /// Adds the event that asks for the mail, if there is one to send; none if an import asks.
    func add(
        mailAfter occasion: MailOccasion, to events: inout [Event],
        in context: inout DecisionContext
    ) {
        guard context.actor != .import, let wish = wish(after: occasion) else { return }
        events.append(
            .mailRequested(
                MailRequested(
                    mailID: context.identifiers.make(), template: wish.template, userID: wish.user,
                    orderID: wish.order, verificationID: wish.verification)))
    }
}
