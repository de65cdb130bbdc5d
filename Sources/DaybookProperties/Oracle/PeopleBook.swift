import DaybookCore
import DaybookDecisions

/// Who holds which address, and which links still work.
struct PeopleBook: AuditBook {
    private struct Person {
        var address: String
        var registeredAt: Instant
        var holdsClaim = true
        var isVerified = false
        var isDisabled = false
        /// Whether a link was ever sent.
        var wasSentLink = false
    }

    private struct Link {
        enum State { case live, used, void }

        var user: UserID
        var address: EmailDigest
        var expiresAt: Instant
        var state = State.live
    }

    private var people: [UserID: Person] = [:]
    private var links: [VerificationID: Link] = [:]
    private var findings: [Finding] = []

    init() {}

    mutating func follow(_ step: AuditStep) -> [Finding] {
        findings = violations(in: step.after)
        switch step.command {
        case .registerUser(let registration): judge(registration, step)
        case .verifyEmail(let redemption): judge(redemption, step)
        default: break
        }
        for fact in step.facts { take(fact, step) }
        return findings
    }

    private mutating func note(_ property: String, _ text: String) {
        findings.append(Finding(property, text))
    }

    // MARK: Judging

    /// The address as the people of the generator mean it: whose it is, however it is written.
    static func owner(of typed: String) -> String {
        let parts = typed.lowercased().split(separator: "@", maxSplits: 1)
        guard parts.count == 2 else { return typed }
        // Two texts of the same look are equal in Swift, however they are composed.
        let domain = parts[1] == "bücher.example" ? "xn--bcher-kva.example" : String(parts[1])
        return parts[0] + "@" + domain
    }

    private mutating func judge(_ registration: Registration, _ step: AuditStep) {
        let address = PeopleBook.owner(of: registration.typedEmail)
        let holder = people.first { $0.value.holdsClaim && $0.value.address == address }
        guard step.rejection == nil else {
            if case .emailAlreadyRegistered = step.rejection, holder == nil {
                note("P-20", "\(registration.typedEmail) is refused, but nobody holds it")
            }
            return
        }
        guard let (id, person) = holder else { return }
        let now = step.context.now
        let canStillRedeem = links.values.contains {
            $0.user == id && $0.state == .live && now <= $0.expiresAt
        }
        let isLapsed =
            !person.isVerified && !person.isDisabled && person.wasSentLink && !canStillRedeem
            && person.registeredAt.advanced(bySeconds: 7 * 86_400) < now
        if !isLapsed {
            note("P-20", "\(registration.typedEmail) is registered, but \(id) holds it")
        }
        people[id]?.holdsClaim = false
    }

    /// A token is accepted exactly when everything about it is in order.
    private mutating func judge(_ redemption: Redemption, _ step: AuditStep) {
        let isAccepted = step.rejection == nil
        guard let claims = redemption.claims else {
            if isAccepted { note("P-20a", "a forged token is accepted") }
            return
        }
        let link = links[claims.verificationID]
        if isAccepted, link?.state == .used {
            note("P-19", "\(claims.verificationID) is redeemed twice")
        }
        let isSound =
            link.map { link in
                link.state == .live && link.user == claims.userID
                    && (claims.emailDigest == nil || claims.emailDigest == link.address)
                    && step.context.now <= link.expiresAt
                    && people[link.user]?.isDisabled == false
            } ?? false
        if isAccepted != isSound {
            let state = link.map { "\($0.state) until \($0.expiresAt)" } ?? "unknown"
            note(
                "P-20a",
                "a link that is \(state) is \(isAccepted ? "accepted" : "refused") at "
                    + "\(step.context.now)")
        }
    }

    // MARK: Events

    private mutating func take(_ fact: Fact, _ step: AuditStep) {
        switch fact.event {
        case .userRegistered(let event):
            guard case .registerUser(let registration) = step.command else { return }
            people[event.userID] = Person(
                address: PeopleBook.owner(of: registration.typedEmail),
                registeredAt: step.context.now)
        case .verificationIssued(let event):
            // A new link puts the old ones out of use.
            for (id, link) in links where link.user == event.userID && link.state == .live {
                links[id]?.state = .void
            }
            let lifetime = step.context.settings.verificationLifetime
            links[event.verificationID] = Link(
                user: event.userID, address: event.emailDigest,
                expiresAt: step.context.now.advanced(bySeconds: lifetime))
            people[event.userID]?.wasSentLink = true
        case .emailVerified(let event):
            links[event.verificationID]?.state = .used
            people[event.userID]?.isVerified = true
        case .userDeactivated(let event):
            people[event.userID]?.isDisabled = true
            // A link never lifts a deactivation, not even after it was taken back (D-44).
            for (id, link) in links where link.user == event.userID && link.state == .live {
                links[id]?.state = .void
            }
        case .userReactivated(let event): people[event.userID]?.isDisabled = false
        case .verificationVoided(let event): links[event.verificationID]?.state = .void
        default: break
        }
    }
}
