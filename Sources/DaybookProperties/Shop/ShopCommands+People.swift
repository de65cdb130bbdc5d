import DaybookCore
import DaybookDecisions
import DaybookTestKit

// Accounts, links and mail.
extension ShopCommands {
    var accounts: Generator<PreparedCommand> {
        let addresses = Generator<String>.emailAddress(among: 2)
        let next = UInt128(history.steps.count + 2)
        let user = Generator.oneOf(knownUsers)
        return .weighted([
            (
                4,
                addresses.map {
                    .registerUser(
                        ShopCommands.registration(
                            of: $0, user: UserID(rawValue: next),
                            link: VerificationID(rawValue: next)))
                }
            ),
            (4, redemptions),
            (
                2,
                Generator.oneOf([addresses, .always("ada@example.com")]).flatMap { $0 }.map {
                    .resendVerification(
                        VerificationRenewal(
                            emailDigest: ShopCommands.digest(of: $0),
                            verificationID: VerificationID(rawValue: next)))
                }
            ),
            (2, user.map { .deactivateUser(DeactivateUser(user: $0, reason: "fraud")) }),
            (2, user.map { .reactivateUser(ReactivateUser(user: $0, reason: "proven")) }),
            (1, .always(.noticeRegistered(ShopCommands.digest(of: "ada@example.com")))),
        ])
    }

    private var knownUsers: [UserID] {
        history.facts.compactMap { fact in
            if case .userRegistered(let event) = fact.event { event.userID } else { nil }
        }
    }

    /// Any link that was ever sent, redeemed with the token that it came with.
    private var redemptions: Generator<PreparedCommand> {
        let links = history.facts.reversed().compactMap { fact -> VerificationIssued? in
            if case .verificationIssued(let event) = fact.event { event } else { nil }
        }
        return Generator { choices in
            // The last one stands for a token that was forged.
            let index = try choices.below(links.count + 1)
            guard index < links.count else { return .verifyEmail(Redemption(claims: nil)) }
            let link = links[index]
            return .verifyEmail(
                Redemption(
                    claims: VerificationClaims(
                        verificationID: link.verificationID, userID: link.userID,
                        emailDigest: link.emailDigest, expiresAt: link.expiresAt)))
        }
    }

    var mails: Generator<PreparedCommand> {
        let queued = history.facts.compactMap { fact -> MailID? in
            if case .mailRequested(let event) = fact.event { event.mailID } else { nil }
        }
        guard !queued.isEmpty else { return placements }
        let outcomes: [MailOutcome] = [
            .sent(providerID: "m-1"), .failed(error: "no such mailbox", willRetry: false),
            .failed(error: "busy", willRetry: true),
        ]
        return combine(Generator.oneOf(queued), Generator.oneOf(outcomes)).map {
            .recordMailOutcome(RecordMailOutcome(mail: $0, outcome: $1))
        }
    }

    // MARK: As the rim would prepare it

    static func registration(
        of typed: String, user: UserID, link: VerificationID
    ) -> Registration {
        Registration(
            userID: user, verificationID: link, emailDigest: digest(of: typed),
            sealedEmail: Sealed(box: [1], keyVersion: 1), typedEmail: typed, hasPassword: true)
    }

    /// A digest that depends on the canonical form of the address, as the vault's does.
    static func digest(of typed: String) -> EmailDigest {
        let canonical = (try? CanonicalEmail(typed))?.canonical ?? typed
        var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in canonical.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var bytes: [UInt8] = []
        for _ in 0..<4 {
            mixed = mixed &* 0x9E37_79B9_7F4A_7C15 ^ mixed >> 29
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: mixed >> ($0 * 8)) }
        }
        return EmailDigest(digest: Digest(bytes) ?? .zero)
    }
}
