import DaybookCore
import DaybookGateways
import Testing

@Suite struct `Composing mail` {
    private let composer = MailComposer()

    @Test
    func
        `S-124 and S-060: given a confirmed order, then subject, body, sender and recipient are the reference's`()
    {
        let mail = composer.orderConfirmed(
            id: confirmation, order: order, to: "alice@example.com", at: noon)
        #expect(mail.subject == "Order ord_01j4000000e008000000000001 Confirmed")
        #expect(mail.body == "Your order has been confirmed.")
        #expect(mail.from == "orders@example.com")
        #expect(mail.to == "alice@example.com")
        #expect(mail.date == noon)
        #expect(mail.id == confirmation)
    }

    @Test
    func
        `S-079: given a verification, then the link carries the token in its fragment, and the expiry is told`()
    {
        let mail = composer.verifyEmail(
            id: confirmation, token: "AQEAAA-_x", expiresAt: noon, to: "alice@example.com", at: noon
        )
        #expect(mail.subject == "Verify your email")
        #expect(mail.from == "noreply@example.com")
        #expect(
            mail.body == """
                Open this link to verify your email address:

                https://example.com/verify#token=AQEAAA-_x

                The link can be used once, until 2010-12-01T12:00:00Z.
                If you did not ask for an account, ignore this message.
                """)
        #expect(!mail.body.contains("?token="))
    }

    @Test
    func
        `D-36: given an address that has an account, then its owner alone is told, without a link`()
    {
        let mail = composer.alreadyRegistered(
            id: confirmation, to: "alice@example.com", at: noon)
        #expect(mail.subject == "You already have an account")
        #expect(mail.from == "noreply@example.com")
        #expect(!mail.body.contains("http"))
        #expect(!mail.body.contains("alice"))
    }

    @Test func `given another shop, then its senders and page are used`() {
        let shop = MailComposer(
            orderSender: "shop@shop.test", accountSender: "hello@shop.test",
            verificationPage: "https://shop.test/v")
        #expect(
            shop.orderConfirmed(id: confirmation, order: order, to: "a@b.test", at: noon).from
                == "shop@shop.test")
        let mail = shop.verifyEmail(
            id: confirmation, token: "t", expiresAt: noon, to: "a@b.test", at: noon)
        #expect(mail.from == "hello@shop.test")
        #expect(mail.body.contains("https://shop.test/v#token=t\n"))
    }
}
