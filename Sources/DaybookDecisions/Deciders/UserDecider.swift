import DaybookCore

/// Accounts and the verification of their addresses.
enum UserDecider {
    /// Opens an account. An address can be claimed once, unless the earlier claim was never verified
    /// and has lapsed; its link is then void.
    static func register(
        _ registration: Registration, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        guard registration.hasPassword || context.isPrivileged else {
            throw .weakPassword(.tooShort(minimum: context.settings.passwordPolicy.minimumLength))
        }
        var events: [Event] = []
        if let holder = shop.users[registration.emailDigest] {
            let lifetime =
                Mutant.claimLapsesEarly.isPlanted
                ? 86_400 : context.settings.unverifiedClaimLifetime
            guard
                holder.isClaimLapsed(at: context.now, lifetime: lifetime)
                    || Mutant.addressClaimedTwice.isPlanted
            else {
                throw .emailAlreadyRegistered(registration.typedEmail)
            }
            if let link = holder.link, link.isLive {
                events.append(voided(link, of: holder.id, because: .replaced))
            }
        }
        events.append(
            .userRegistered(
                UserRegistered(
                    userID: registration.userID, emailDigest: registration.emailDigest,
                    email: registration.sealedEmail)))
        // An imported person did not ask for an account; a link is sent when they ask for one.
        guard context.actor != .import else { return events }
        return events
            + issuing(
                registration.verificationID, to: registration.userID,
                address: registration.emailDigest, in: &context)
    }

    /// Redeems a link. The checks run in the reference's order (S-089): the token itself, the record,
    /// the record's expiry; all from the one expiry that was recorded (D-40).
    static func verify(
        _ redemption: Redemption, given shop: Shop, in context: DecisionContext
    ) throws(Rejection) -> [Event] {
        guard let claims = redemption.claims,
            context.now <= claims.expiresAt || Mutant.tokenOutlivesExpiry.isPlanted,
            context.now != claims.expiresAt || !Mutant.tokenExpiryExclusive.isPlanted
        else {
            throw .tokenInvalidOrExpired
        }
        guard let user = shop.users[claims.userID], let link = user.link,
            link.id == claims.verificationID,
            claims.emailDigest == nil || claims.emailDigest == user.emailDigest
        else { throw .tokenUsedOrUnknown }
        // A link never lifts a deactivation (D-44).
        guard !user.isDeactivated else { throw .accountDisabled(user.id) }
        guard link.isLive || Mutant.voidedLinkRedeems.isPlanted else { throw .tokenUsedOrUnknown }
        guard context.now <= link.expiresAt || Mutant.tokenOutlivesExpiry.isPlanted else {
            throw .tokenExpired
        }
        return [.emailVerified(EmailVerified(userID: user.id, verificationID: link.id))]
    }

    /// Issues a new link and voids the old one; says nothing about addresses that need none.
    static func resend(
        _ renewal: VerificationRenewal, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        guard let user = shop.users[renewal.emailDigest], !user.isVerified, !user.isDeactivated
        else { return [] }
        if let retryAt = resendRefusedUntil(user, context) { throw .rateLimited(retryAt: retryAt) }
        var events: [Event] = []
        if let link = user.link, link.isLive {
            events.append(voided(link, of: user.id, because: .replaced))
        }
        return events
            + issuing(
                renewal.verificationID, to: user.id, address: user.emailDigest, in: &context)
    }

    /// When the next link may be sent, if not now.
    private static func resendRefusedUntil(
        _ user: UserState, _ context: DecisionContext
    ) -> Instant? {
        let limits = [
            (window: Int64(3_600), count: context.settings.resendsPerHour),
            (window: Int64(86_400), count: context.settings.resendsPerDay),
        ]
        var latest: Instant?
        for limit in limits {
            let start = context.now.advanced(bySeconds: -limit.window)
            let recent = user.resends.filter { $0 > start }
            guard recent.count >= limit.count else { continue }
            // The next one fits when the oldest of the last `count` has left the window.
            let oldest = recent.isEmpty ? context.now : recent[recent.count - max(1, limit.count)]
            let free = oldest.advanced(bySeconds: limit.window)
            latest = max(latest ?? free, free)
        }
        return latest
    }

    static func deactivate(
        _ command: DeactivateUser, given shop: Shop
    ) throws(Rejection) -> [Event] {
        guard let user = shop.users[command.user] else { throw .userNotFound(command.user) }
        guard !user.isDeactivated else { return [] }
        var events: [Event] = [
            .userDeactivated(UserDeactivated(userID: user.id, reason: command.reason))
        ]
        if let link = user.link, link.isLive {
            events.append(voided(link, of: user.id, because: .deactivated))
        }
        return events
    }

    static func reactivate(
        _ command: ReactivateUser, given shop: Shop
    ) throws(Rejection) -> [Event] {
        guard let user = shop.users[command.user] else { throw .userNotFound(command.user) }
        return user.isDeactivated
            ? [.userReactivated(UserReactivated(userID: user.id, reason: command.reason))] : []
    }

    /// Tells the owner of an address that somebody tried to register it again (D-36), at most once an
    /// hour, so that nobody's mailbox can be flooded that way.
    static func notice(
        _ digest: EmailDigest, given shop: Shop, in context: inout DecisionContext
    ) -> [Event] {
        guard let user = shop.users[digest], !user.isDeactivated else { return [] }
        if let last = user.noticedAt, context.now < last.advanced(bySeconds: 3_600),
            !Mutant.ownerToldEachTime.isPlanted
        {
            return []
        }
        var events: [Event] = []
        MailPolicy().add(mailAfter: .registeredAgain(user: user.id), to: &events, in: &context)
        return events
    }

    private static func issuing(
        _ verification: VerificationID, to user: UserID, address: EmailDigest,
        in context: inout DecisionContext
    ) -> [Event] {
        let expiresAt = context.now.advanced(bySeconds: context.settings.verificationLifetime)
        let issued = VerificationIssued(
            verificationID: verification, userID: user, purpose: .emailVerification,
            emailDigest: address, expiresAt: expiresAt)
        var events: [Event] = [.verificationIssued(issued)]
        MailPolicy().add(
            mailAfter: .linkIssued(verification: verification, user: user), to: &events,
            in: &context)
        return events
    }

    private static func voided(
        _ link: VerificationLink, of user: UserID, because reason: VerificationVoidReason
    ) -> Event {
        .verificationVoided(
            VerificationVoided(verificationID: link.id, reason: reason, userID: user))
    }
}
