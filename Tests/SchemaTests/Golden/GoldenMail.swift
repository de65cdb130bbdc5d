import DaybookCore
import DaybookDecisions

extension GoldenEvent {
    static let mail: [GoldenEvent] =
        goldens(
            minimal: .mailRequested(
                MailRequested(
                    mailID: MailID(rawValue: 0), template: .orderConfirmed,
                    userID: UserID(rawValue: 0))),
            full: .mailRequested(
                MailRequested(
                    mailID: mailOne, template: .verifyEmail, userID: user, orderID: order,
                    verificationID: verification)),
            extremes: .mailRequested(
                MailRequested(
                    mailID: MailID(rawValue: .max), template: .alreadyRegistered,
                    userID: UserID(rawValue: .max), orderID: OrderID(rawValue: 0),
                    verificationID: VerificationID(rawValue: .max))))
        + goldens(
            minimal: .mailSent(MailSent(mailID: MailID(rawValue: 0))),
            full: .mailSent(MailSent(mailID: mailOne, providerID: "<1@mail.example>")),
            extremes: .mailSent(MailSent(mailID: mailOne, providerID: "")),
            .mailSent(MailSent(mailID: mailOne, providerID: longText)))
        + goldens(
            minimal: .mailFailed(
                MailFailed(mailID: MailID(rawValue: 0), error: "", willRetry: false)),
            full: .mailFailed(
                MailFailed(mailID: mailOne, error: "mailbox full", willRetry: true)),
            extremes: .mailFailed(MailFailed(mailID: mailOne, error: oddText, willRetry: true)))
}
