import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Users projector` {
    @Test func `S-087 given a redeemed link, when projected, then the account is active`() throws {
        var history = History()
        let deadline = History.dawn.advanced(bySeconds: 86_400)
        history.record(
            .registered(Cast.ada, digest: 1),
            .issued(1, to: Cast.ada, digest: 1, expiresAt: deadline))
        history.record(
            .registered(Cast.bob, digest: 2),
            .issued(2, to: Cast.bob, digest: 2, expiresAt: deadline))
        history.record(.verified(Cast.ada, by: 1))
        #expect(
            try ReadModelName.users.rows(
                "users", "user_id account_state email_verified_at is_active created_at updated_at",
                after: history)
                    == """
                    user_id | account_state | email_verified_at | created_at | updated_at | is_active
                    usr_00000000000000000000000051 | enabled | 2026-01-01T00:00:02Z | 2026-01-01T00:00:00Z | 2026-01-01T00:00:02Z | 1
                    usr_0000000000000000000000005g | enabled |  | 2026-01-01T00:00:01Z | 2026-01-01T00:00:01Z | 0
                    """)
        #expect(
            try ReadModelName.users.rows(
                "verifications", "verification_id state expires_at used_at voided_at",
                after: history)
                    == """
                    verification_id | state | expires_at | used_at | voided_at
                    ver_00000000000000000000000r01 | used | 2026-01-02T00:00:00Z | 2026-01-01T00:00:02Z | \("")
                    ver_00000000000000000000000r02 | issued | 2026-01-02T00:00:00Z |  | \("")
                    """)
    }

    @Test func `D-44 given a verified account, when deactivated, then only the other flag changes`()
        throws
    {
        var history = History()
        history.record(
            .registered(Cast.ada, digest: 1),
            .issued(1, to: Cast.ada, digest: 1, expiresAt: History.dawn))
        history.record(.verified(Cast.ada, by: 1))
        history.record(
            .userDeactivated(UserDeactivated(userID: Cast.ada, reason: "fraud")))
        let columns = "account_state account_reason email_verified_at is_active"
        #expect(
            try ReadModelName.users.rows("users", columns, after: history)
                == """
                account_state | account_reason | email_verified_at | is_active
                disabled | fraud | 2026-01-01T00:00:01Z | 0
                """)
        history.record(
            .userReactivated(UserReactivated(userID: Cast.ada, reason: "mistake")))
        #expect(
            try ReadModelName.users.rows("users", columns, after: history)
                == """
                account_state | account_reason | email_verified_at | is_active
                enabled | mistake | 2026-01-01T00:00:01Z | 1
                """)
    }

    @Test func `given a replaced link, when projected, then the old one is void and says why`()
        throws
    {
        var history = History()
        history.record(
            .registered(Cast.ada, digest: 1),
            .issued(1, to: Cast.ada, digest: 1, expiresAt: History.dawn))
        history.record(
            .verificationVoided(
                VerificationVoided(
                    verificationID: Cast.verification(1), reason: .replaced, userID: Cast.ada)),
            .issued(2, to: Cast.ada, digest: 1, expiresAt: History.dawn))
        #expect(
            try ReadModelName.users.rows(
                "verifications", "state voided_at void_reason", after: history)
                    == """
                    state | voided_at | void_reason
                    voided | 2026-01-01T00:00:01Z | replaced
                    issued |  | \("")
                    """)
    }

    @Test func `given a claim, when projected, then only the digest is kept`() throws {
        var history = History()
        history.record(.registered(Cast.ada, digest: 0xAB))
        #expect(
            try ReadModelName.users.rows(
                "email_claims", "digest user_id claimed_at released_at", after: history)
                    == """
                    digest | user_id | claimed_at | released_at
                    \(String(repeating: "ab", count: 32)) | usr_00000000000000000000000051 | 2026-01-01T00:00:00Z | \("")
                    """)
    }

    @Test func `D-18 given mails that are sent, tried again and given up, then each says so`()
        throws
    {
        var history = History()
        history.record(.registered(Cast.ada, digest: 1))
        for number in 1...4 as ClosedRange<UInt64> {
            history.record(.mailRequested(number, to: Cast.ada, order: number))
        }
        func failed(_ number: UInt64, willRetry: Bool) -> Event {
            .mailFailed(
                MailFailed(mailID: Cast.mail(number), error: "no route", willRetry: willRetry))
        }
        history.record(failed(1, willRetry: true))
        history.record(
            .mailSent(MailSent(mailID: Cast.mail(1), providerID: "m-1")),
            failed(2, willRetry: true), failed(2, willRetry: false), failed(3, willRetry: true))
        #expect(
            try ReadModelName.users.rows(
                "mails", "template order_id state failures error provider_id", after: history)
                    == """
                    template | order_id | state | failures | error | provider_id
                    order_confirmed | ord_00000000000000000000000401 | sent | 1 |  | m-1
                    order_confirmed | ord_00000000000000000000000402 | failed | 2 | no route | \("")
                    order_confirmed | ord_00000000000000000000000403 | requested | 1 | no route | \("")
                    order_confirmed | ord_00000000000000000000000404 | requested | 0 |  | \("")
                    """)
    }
}
