import DaybookCore
import DaybookDecisions

extension GoldenEvent {
    static let users: [GoldenEvent] =
        goldens(
            minimal: .userRegistered(
                UserRegistered(
                    userID: UserID(rawValue: 0), emailDigest: EmailDigest(digest: .zero),
                    email: emptyBox)),
            full: .userRegistered(
                UserRegistered(userID: user, emailDigest: emailDigest, email: box)),
            extremes: .userRegistered(
                UserRegistered(
                    userID: UserID(rawValue: .max), emailDigest: emailDigest, email: lastBox)))
        + goldens(
            minimal: .verificationIssued(
                VerificationIssued(
                    verificationID: VerificationID(rawValue: 0), userID: UserID(rawValue: 0),
                    purpose: .emailVerification, emailDigest: EmailDigest(digest: .zero),
                    expiresAt: Instant(microseconds: 0))),
            full: .verificationIssued(
                VerificationIssued(
                    verificationID: verification, userID: user, purpose: .emailVerification,
                    emailDigest: emailDigest, expiresAt: instant)),
            extremes: .verificationIssued(
                VerificationIssued(
                    verificationID: verification, userID: user, purpose: .emailVerification,
                    emailDigest: emailDigest, expiresAt: firstInstant)),
            .verificationIssued(
                VerificationIssued(
                    verificationID: verification, userID: user, purpose: .emailVerification,
                    emailDigest: emailDigest, expiresAt: lastInstant)))
        + goldens(
            minimal: .verificationVoided(
                VerificationVoided(
                    verificationID: VerificationID(rawValue: 0), reason: .replaced,
                    userID: UserID(rawValue: 0))),
            full: .verificationVoided(
                VerificationVoided(verificationID: verification, reason: .erased, userID: user)))
        + goldens(
            minimal: .emailVerified(
                EmailVerified(
                    userID: UserID(rawValue: 0), verificationID: VerificationID(rawValue: 0))),
            full: .emailVerified(EmailVerified(userID: user, verificationID: verification)))
        + goldens(
            minimal: .userDeactivated(UserDeactivated(userID: UserID(rawValue: 0), reason: "")),
            full: .userDeactivated(UserDeactivated(userID: user, reason: "asked for it")),
            extremes: .userDeactivated(UserDeactivated(userID: user, reason: longText)))
        + goldens(
            minimal: .userReactivated(UserReactivated(userID: UserID(rawValue: 0), reason: "")),
            full: .userReactivated(UserReactivated(userID: user, reason: "came back")),
            extremes: .userReactivated(UserReactivated(userID: user, reason: oddText)))
}
