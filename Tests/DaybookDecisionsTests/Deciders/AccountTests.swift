import DaybookCore
import DaybookDecisions
import Testing

@Suite struct `Accounts and verification` {
    /// Carol registered at noon with link 53.
    private func registered() -> Scenario {
        let shop = Scenario()
        shop.when(.register("Carol@x.org", user: 3), as: .system)
        return shop
    }

    private var noonTomorrow: Instant { Instant(microseconds: 1_767_355_200_000_000) }

    @Test
    func
        `S-070 S-073 S-076 S-077 D-47 given a new address, when registered, then an inactive account, a link for 24 hours and one mail in one batch`()
    {
        let shop = Scenario()
        shop.when(.register("carol@x.org", user: 3), as: .system).then(
            "UserRegistered", "VerificationIssued until 2026-01-02T12:00:00Z",
            "MailRequested verify_email")
        let user = shop.shop.user(UserID(rawValue: 3))
        #expect(user?.isActive == false)
        #expect(user?.isVerified == false)
        #expect(shop.shop.userID(forEmail: digest("carol@x.org")) == UserID(rawValue: 3))
        #expect(shop.shop.registration(of: UserID(rawValue: 3)) == LogPosition(rawValue: 1))
        #expect(shop.intents == ["mail verify_email"])
    }

    @Test func `S-074 D-39 given a registration, then its events hold neither address nor token`() {
        let shop = Scenario()
        shop.when(.register("canary.address@example.org", user: 3), as: .system)
        for fact in shop.facts {
            var writer = WireWriter()
            fact.event.encode(into: &writer)
            let text = String(decoding: writer.bytes, as: UTF8.self)
            #expect(!text.contains("canary") && !text.contains("example.org"))
        }
    }

    @Test
    func
        `S-071 S-072 D-33 given a registered address, when registered again, then the text names it as typed`()
    {
        registered().when(.register("carol@x.org", user: 4), as: .system).thenRejected(
            "email_already_registered", "Email carol@x.org is already registered")
    }

    @Test
    func
        `D-34 D-35 given an address in another spelling, when registered, then it is the same address`()
    {
        let shop = registered()
        for spelling in ["carol@x.org", "CAROL@X.ORG", "  Carol@x.org "] {
            shop.when(.register(spelling, user: 4), as: .system).thenRejected(
                "email_already_registered")
        }
    }

    @Test func `D-36 given a second registration, then its owner is told, at most once an hour`() {
        let shop = registered()
        let notice = PreparedCommand.noticeRegistered(digest("carol@x.org"))
        shop.when(notice, as: .system).then("MailRequested already_registered")
        shop.when(notice, as: .system).then()
        shop.wait(3_600)
        shop.when(notice, as: .system).then("MailRequested already_registered")
        shop.when(.noticeRegistered(digest("nobody@x.org")), as: .system).then()
    }

    @Test func `given no password, when a customer registers, then it is refused; an operator may`()
    {
        let shop = Scenario()
        shop.when(.register("c@x.org", user: 3, hasPassword: false), as: .system).thenRejected(
            "weak_password")
        shop.when(.register("c@x.org", user: 3, hasPassword: false), as: .operator(nil)).then(
            "UserRegistered", "VerificationIssued until 2026-01-02T12:00:00Z",
            "MailRequested verify_email")
    }

    @Test func `given an import, when it registers, then no link and no mail`() {
        Scenario().when(.register("c@x.org", user: 3, hasPassword: false), as: .import).then(
            "UserRegistered")
    }

    @Test
    func `S-080 S-087 given a live link, when redeemed, then the account is active from then on`() {
        let shop = registered()
        shop.wait(60)
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow, email: "carol@x.org")).then(
            "EmailVerified")
        let user = shop.shop.user(UserID(rawValue: 3))
        #expect(user?.isActive == true)
        #expect(user?.emailVerifiedAt == Instant("2026-01-01T12:01:00Z"))
    }

    @Test func `S-081 S-082 S-075 given a tampered or foreign token, when redeemed, then text 1`() {
        registered().when(.verifyEmail(Redemption(claims: nil))).thenRejected(
            "token_invalid_or_expired", "Invalid or expired token")
    }

    @Test
    func `S-083 S-084 D-45 given a foreign user or an unknown link, when redeemed, then text 2`() {
        let shop = registered()
        shop.when(.verify(link: 53, user: 4, expiresAt: noonTomorrow)).thenRejected(
            "token_used_or_unknown", "Token already used or not found")
        shop.when(.verify(link: 99, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "token_used_or_unknown", "Token already used or not found")
    }

    @Test
    func
        `S-085 D-40 given a record that expires before its token says, when redeemed, then text 3`()
    {
        let shop = registered()
        shop.wait(86_401)
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow.advanced(bySeconds: 60)))
            .thenRejected("token_expired", "Token has expired")
    }

    @Test
    func
        `S-086 S-090 given a link of 86,400 seconds, when redeemed at that instant, then accepted; a microsecond later not`()
    {
        let shop = registered()
        shop.now = Instant(microseconds: noonTomorrow.microseconds + 1)
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "token_invalid_or_expired")
        shop.now = noonTomorrow
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).then("EmailVerified")
    }

    @Test func `S-088 D-41 given a used link, when redeemed again, then text 2`() {
        let shop = registered()
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow))
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "token_used_or_unknown", "Token already used or not found")
    }

    @Test func `S-089 given a used and expired link, when redeemed, then text 1`() {
        let shop = registered()
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow))
        shop.wait(90_000)
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "token_invalid_or_expired", "Invalid or expired token")
    }

    @Test func `D-43 given a token for another address, when redeemed, then text 2`() {
        registered().when(
            .verify(link: 53, user: 3, expiresAt: noonTomorrow, email: "old@x.org")
        ).thenRejected("token_used_or_unknown")
    }

    @Test
    func
        `D-44 given a deactivated user, when verifying, then account_disabled; reactivated, a new link is needed`()
    {
        let shop = registered()
        shop.when(.deactivateUser(DeactivateUser(user: UserID(rawValue: 3), reason: "x"))).then(
            "UserDeactivated", "VerificationVoided deactivated")
        shop.when(.deactivateUser(DeactivateUser(user: UserID(rawValue: 3), reason: "x"))).then()
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "account_disabled")
        shop.when(.reactivateUser(ReactivateUser(user: UserID(rawValue: 3), reason: "y"))).then(
            "UserReactivated")
        shop.when(.reactivateUser(ReactivateUser(user: UserID(rawValue: 3), reason: "y"))).then()
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "token_used_or_unknown")
        shop.when(.resend("carol@x.org", link: 60)).then(
            "VerificationIssued until 2026-01-02T12:00:00Z", "MailRequested verify_email")
        shop.when(.verify(link: 60, user: 3, expiresAt: noonTomorrow)).then("EmailVerified")
        shop.when(.deactivateUser(DeactivateUser(user: UserID(rawValue: 8), reason: "x")))
            .thenRejected("user_not_found")
    }

    @Test
    func
        `D-42 given a new link, when the old one is redeemed, then text 2 and only the new one works`()
    {
        let shop = registered()
        shop.wait(10)
        shop.when(.resend("carol@x.org", link: 60), as: .system).then(
            "VerificationVoided replaced", "VerificationIssued until 2026-01-02T12:00:10Z",
            "MailRequested verify_email")
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow)).thenRejected(
            "token_used_or_unknown")
        shop.when(
            .verify(link: 60, user: 3, expiresAt: noonTomorrow.advanced(bySeconds: 10))
        ).then("EmailVerified")
    }

    @Test
    func
        `given an unknown, verified or disabled address, when a link is asked for, then nothing happens`()
    {
        let shop = registered()
        shop.when(.resend("nobody@x.org", link: 60), as: .system).then()
        shop.when(.verify(link: 53, user: 3, expiresAt: noonTomorrow))
        shop.when(.resend("carol@x.org", link: 60), as: .system).then()
    }

    @Test
    func
        `given three links asked for within an hour, when a fourth is, then rate_limited until the first is an hour old`()
    {
        let shop = registered()
        for link in 60..<63 {
            shop.wait(60)
            #expect(shop.when(.resend("carol@x.org", link: UInt128(link))).events.count == 3)
        }
        shop.wait(60)
        shop.when(.resend("carol@x.org", link: 70)).thenRejected(
            "rate_limited", "Too many requests; try again at 2026-01-01T13:01:00Z")
        shop.move(to: "2026-01-01T13:01:00Z")
        #expect(shop.when(.resend("carol@x.org", link: 70)).rejection == nil)
    }

    @Test func `given ten links asked for within a day, when an eleventh is, then rate_limited`() {
        let shop = registered()
        for link in 60..<70 {
            shop.wait(4_000)
            #expect(shop.when(.resend("carol@x.org", link: UInt128(link))).rejection == nil)
        }
        shop.wait(4_000)
        shop.when(.resend("carol@x.org", link: 80)).thenRejected("rate_limited")
    }

    @Test
    func
        `D-38 given an address never verified, when a week has passed, then it can be registered anew and the old account cannot verify`()
    {
        let shop = registered()
        shop.wait(7 * 86_400)
        shop.when(.register("carol@x.org", user: 4), as: .system).thenRejected(
            "email_already_registered")
        shop.wait(1)
        shop.when(.register("carol@x.org", user: 4), as: .system).then(
            "VerificationVoided replaced", "UserRegistered",
            "VerificationIssued until 2026-01-09T12:00:01Z", "MailRequested verify_email")
        #expect(shop.shop.userID(forEmail: digest("carol@x.org")) == UserID(rawValue: 4))
        #expect(shop.shop.user(UserID(rawValue: 3))?.holdsClaim == false)
        #expect(shop.shop.violations() == [])
    }

    @Test
    func
        `D-38 given a link that is still good or a verified address, when a week has passed, then it stays claimed`()
    {
        let shop = registered()
        shop.wait(7 * 86_400 - 10)
        shop.when(.resend("carol@x.org", link: 60))
        shop.wait(100)
        shop.when(.register("carol@x.org", user: 4), as: .system).thenRejected(
            "email_already_registered")
        shop.when(
            .verify(link: 60, user: 3, expiresAt: shop.now.advanced(bySeconds: 80_000)))
        shop.wait(100 * 86_400)
        shop.when(.register("carol@x.org", user: 4), as: .system).thenRejected(
            "email_already_registered")
    }
}
