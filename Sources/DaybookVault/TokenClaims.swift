package import DaybookCore
package import DaybookDecisions

/// What a genuine verification token says. Whether it is still good is for the log to decide: expiry,
/// use and replacement are facts of the verification, not of the token.
///
/// It names no address: which one the link proves stands in the verification's event.
package struct TokenClaims: Hashable, Sendable {
    package var verificationID: VerificationID
    package var userID: UserID
    package var purpose: VerificationPurpose
    package var expiresAt: Instant

    package init(
        verificationID: VerificationID, userID: UserID, purpose: VerificationPurpose,
        expiresAt: Instant
    ) {
        self.verificationID = verificationID
        self.userID = userID
        self.purpose = purpose
        self.expiresAt = expiresAt
    }
}
