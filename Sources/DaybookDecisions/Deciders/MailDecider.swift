import DaybookCore

/// What became of mails.
enum MailDecider {
    /// Only a mail that is still to be sent gets an outcome; a repeated one changes nothing (D-18).
    static func record(_ command: RecordMailOutcome, given shop: Shop) -> [Event] {
        guard shop.mails.contains(command.mail) || Mutant.mailSentTwice.isPlanted else {
            return []
        }
        return switch command.outcome {
        case .sent(let providerID):
            [.mailSent(MailSent(mailID: command.mail, providerID: providerID))]
        case .failed(let error, let willRetry):
            [
                .mailFailed(
                    MailFailed(mailID: command.mail, error: error, willRetry: willRetry))
            ]
        }
    }

    static func evolve(_ shop: inout Shop, with fact: Fact) {
        switch fact.event {
        case .mailRequested(let event):
            let mail = PendingMail(request: event, position: fact.position)
            let user = shop.users.index(of: event.userID)
            shop.mails.insert(mail, user: user)
            if event.template == .alreadyRegistered {
                shop.users.update(event.userID) { $0.noticedAt = fact.recordedAt }
            }
        case .mailSent(let event): shop.mails.remove(event.mailID)
        case .mailFailed(let event):
            if !event.willRetry { shop.mails.remove(event.mailID) }
        default: break
        }
    }
}
