package import DaybookCore

/// The one verification link of an account that can be, or could have been, redeemed.
package struct VerificationLink: Hashable, Sendable {
    package let id: VerificationID
    package let expiresAt: Instant
    /// `false` once voided; a used link is forgotten altogether.
    package var isLive = true
}

/// An account as the next decision needs it.
package struct UserState: Hashable, Sendable {
    package let id: UserID
    package let emailDigest: EmailDigest
    /// Where its `UserRegistered` stands, with the sealed address.
    package let registration: LogPosition
    package let registeredAt: Instant
    package internal(set) var isDeactivated = false
    package internal(set) var emailVerifiedAt: Instant?
    /// Whether the address is still this account's; an unverified claim can lapse (D-38).
    package internal(set) var holdsClaim = true
    package internal(set) var link: VerificationLink?
    /// Whether a link was ever issued; imported accounts have none.
    package internal(set) var wasIssuedLink = false
    /// When links were issued again, within the last day before the newest.
    package internal(set) var resends: [Instant] = []
    /// When the owner was last told that somebody tried to register the address again.
    package internal(set) var noticedAt: Instant?

    package var isVerified: Bool { emailVerifiedAt != nil }
    /// The reference's `is_active`: verified and not shut out.
    package var isActive: Bool { isVerified && !isDeactivated }

    /// Whether the address may be registered anew: never verified, the time is up, and no link that
    /// was sent could still be redeemed. A deactivated account keeps its address.
    package func isClaimLapsed(at now: Instant, lifetime: Int64) -> Bool {
        guard !isVerified, !isDeactivated, wasIssuedLink else { return false }
        if let link, link.isLive, link.expiresAt >= now { return false }
        return registeredAt.advanced(bySeconds: lifetime) < now
    }
}
