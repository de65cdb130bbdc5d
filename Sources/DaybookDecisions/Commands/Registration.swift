package import DaybookCore

/// `RegisterUser`, prepared: the address checked, digested and sealed, the password checked.
package struct Registration: Hashable, Sendable {
    /// New; the vault already holds the user's key.
    package var userID: UserID
    /// New; the link's token is derived from it.
    package var verificationID: VerificationID
    package var emailDigest: EmailDigest
    package var sealedEmail: Sealed
    /// The address for the text of `email_already_registered`; recorded nowhere.
    package var typedEmail: String
    /// Whether a password was given; without one the actor must be an operator or an import.
    package var hasPassword: Bool

    package init(
        userID: UserID, verificationID: VerificationID, emailDigest: EmailDigest,
        sealedEmail: Sealed, typedEmail: String, hasPassword: Bool
    ) {
        self.userID = userID
        self.verificationID = verificationID
        self.emailDigest = emailDigest
        self.sealedEmail = sealedEmail
        self.typedEmail = typedEmail
        self.hasPassword = hasPassword
    }
}

/// What a token says whose MAC is right and whose purpose is e-mail verification.
package struct VerificationClaims: Hashable, Sendable {
    package var verificationID: VerificationID
    package var userID: UserID
    /// The address that the link proves, if the token names it.
    package var emailDigest: EmailDigest?
    package var expiresAt: Instant

    package init(
        verificationID: VerificationID, userID: UserID, emailDigest: EmailDigest? = nil,
        expiresAt: Instant
    ) {
        self.verificationID = verificationID
        self.userID = userID
        self.emailDigest = emailDigest
        self.expiresAt = expiresAt
    }
}

/// `VerifyEmail`, prepared.
package struct Redemption: Hashable, Sendable {
    /// `nil` when form, MAC or purpose of the token is wrong.
    package var claims: VerificationClaims?

    package init(claims: VerificationClaims?) {
        self.claims = claims
    }
}

/// `ResendVerification`, prepared.
package struct VerificationRenewal: Hashable, Sendable {
    package var emailDigest: EmailDigest
    /// New; used only if a link is issued.
    package var verificationID: VerificationID

    package init(emailDigest: EmailDigest, verificationID: VerificationID) {
        self.emailDigest = emailDigest
        self.verificationID = verificationID
    }
}

/// `CreateOrder`, prepared: the address sealed under the user's key.
package struct Placement: Hashable, Sendable {
    package var user: UserID
    package var items: [OrderItem]
    package var shippingAddress: Sealed?
    package var expectedTotal: Money?
    package var capture: CaptureMode

    package init(
        user: UserID, items: [OrderItem], shippingAddress: Sealed? = nil,
        expectedTotal: Money? = nil, capture: CaptureMode = .automatic
    ) {
        self.user = user
        self.items = items
        self.shippingAddress = shippingAddress
        self.expectedTotal = expectedTotal
        self.capture = capture
    }
}
