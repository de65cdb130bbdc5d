import DaybookCore
import DaybookGateways
import Foundation
import Testing

@Suite struct `The outbox folder` {
    private func mail(
        to recipient: String = "alice@example.com", from sender: String = "orders@example.com",
        subject: String = "Hello", body: String = "Hello.", date: Instant = noon
    ) -> OutgoingMail {
        OutgoingMail(
            id: confirmation, to: recipient, from: sender, subject: subject, body: body, date: date)
    }

    private func text(of mail: OutgoingMail) throws -> String {
        let folder = try TemporaryFolder()
        try EmlMailSender(directory: folder.path).send(mail)
        return String(decoding: try folder.bytes(of: "\(mail.id).eml"), as: UTF8.self)
    }

    private func header(_ name: String, of text: String) throws -> String {
        let head = try #require(text.components(separatedBy: "\r\n\r\n").first)
        let unfolded = head.replacingOccurrences(of: "\r\n ", with: " ")
        let line = try #require(
            unfolded.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") })
        return String(line.dropFirst(name.count + 2))
    }

    @Test func `S-060: given a confirmation, then the file is this message, to the byte`() throws {
        let mail = MailComposer().orderConfirmed(
            id: confirmation, order: order, to: "alice@example.com", at: noon)
        let lines = [
            "Date: Wed, 01 Dec 2010 12:00:00 +0000",
            "From: orders@example.com",
            "To: alice@example.com",
            "Message-ID: <mai_01j4000000e008000000000002@example.com>",
            "Subject: Order ord_01j4000000e008000000000001 Confirmed",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 7bit",
            "Auto-Submitted: auto-generated",
            "",
            "Your order has been confirmed.",
            "",
        ]
        #expect(try text(of: mail) == lines.joined(separator: "\r\n"))
    }

    @Test
    func
        `given a message, then its file is named like its id, the owner's alone, and nothing else is left`()
        throws
    {
        let folder = try TemporaryFolder()
        let sender = try EmlMailSender(directory: folder.path + "/outbox")
        let receipt = try sender.send(mail())
        #expect(receipt == MailReceipt(providerID: "<\(confirmation)@example.com>"))
        #expect(try folder.names == ["outbox"])
        #expect(try folder.mode(of: "outbox") == 0o700)
        #expect(try folder.mode(of: "outbox/\(confirmation).eml") == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/outbox")
                == ["\(confirmation).eml"])
    }

    @Test(arguments: [EmlMailSender.Durability.disk, .kernel])
    func `D-18: given a message sent before, when sent again, then the first file stays`(
        durability: EmlMailSender.Durability
    ) throws {
        let folder = try TemporaryFolder()
        let sender = try EmlMailSender(directory: folder.path, durability: durability)
        let first = try sender.send(mail(body: "first"))
        let before = try folder.bytes(of: "\(confirmation).eml")
        let again = try EmlMailSender(directory: folder.path, durability: durability)
        #expect(try again.send(mail(body: "second")) == first)
        #expect(try folder.bytes(of: "\(confirmation).eml") == before)
        #expect(try folder.names == ["\(confirmation).eml"])
    }

    @Test func `given a crash while a message was written, when sent again, then it is whole`()
        throws
    {
        let folder = try TemporaryFolder()
        try folder.write(Array("Date: ha".utf8), to: ".\(confirmation).part")
        try EmlMailSender(directory: folder.path).send(mail())
        #expect(try folder.names == ["\(confirmation).eml"])
        #expect(
            try String(decoding: folder.bytes(of: "\(confirmation).eml"), as: UTF8.self)
                .hasSuffix("\r\n\r\nHello.\r\n"))
    }

    @Test(arguments: [
        "a@example.com\r\nBcc: eve@example.com", "a@example.com\n", "a@b@example.com",
        "@example.com",
        "a@", "", "alice", "Alice <a@example.com>", "a@example.com, b@example.com",
        "a\u{0}@example.com", "a@example.com\u{2028}", "a b@example.com", "a;b@example.com",
    ])
    func
        `given an address that could become another header or recipient, then it is refused for good`(
            address: String
        ) throws
    {
        let folder = try TemporaryFolder()
        let sender = try EmlMailSender(directory: folder.path)
        for mail in [mail(to: address), mail(from: address)] {
            let failure = #expect(throws: MailFailure.self) { try sender.send(mail) }
            #expect(failure?.willRetry == false)
        }
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: ["Hello\r\nBcc: eve@example.com", "a\nb", "a\rb", "a\u{0}b", "a\u{85}b"])
    func `given a subject with a line break, then it is refused for good`(subject: String) throws {
        let folder = try TemporaryFolder()
        let sender = try EmlMailSender(directory: folder.path)
        let failure = #expect(throws: MailFailure.self) { try sender.send(mail(subject: subject)) }
        #expect(failure == .permanent("the Subject header holds a line break or control character"))
        #expect(try folder.names.isEmpty)
    }

    @Test
    func `given a subject beyond ASCII, then it is encoded in words of at most 75 characters`()
        throws
    {
        #expect(
            try header("Subject", of: text(of: mail(subject: "Bestätigt")))
                == "=?utf-8?B?QmVzdMOkdGlndA==?=")
        let long = String(repeating: "ä€😀", count: 40)
        let message = try text(of: mail(subject: long))
        let words = try header("Subject", of: message).split(separator: " ")
        #expect(words.allSatisfy { $0.count <= 75 })
        let decoded = try words.map { word -> String in
            let inner = word.dropFirst("=?utf-8?B?".count).dropLast(2)
            let data = try #require(Data(base64Encoded: String(inner)))
            // Every word is whole by itself: no character is split.
            return try #require(String(data: data, encoding: .utf8))
        }
        #expect(decoded.joined() == long)
        #expect(message.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test
    func `given a subject that looks encoded, then it is encoded, so that it reads as written`()
        throws
    {
        #expect(
            try header("Subject", of: text(of: mail(subject: "=?utf-8?B?QQ==?=")))
                == "=?utf-8?B?PT91dGYtOD9CP1FRPT0/PQ==?=")
    }

    @Test func `given any line breaks in the body, then all are CRLF`() throws {
        let message = try text(of: mail(body: "a\nb\r\nc\rd\n\ne\n"))
        #expect(message.hasSuffix("\r\n\r\na\r\nb\r\nc\r\nd\r\n\r\ne\r\n"))
    }

    @Test
    func `given a body beyond ASCII or with enormous lines, then it is base 64 in lines of 76`()
        throws
    {
        for body in ["Grüße, Zoë", String(repeating: "x", count: 999)] {
            let message = try text(of: mail(body: body))
            #expect(try header("Content-Transfer-Encoding", of: message) == "base64")
            let encoded = try #require(message.components(separatedBy: "\r\n\r\n").last)
            #expect(encoded.components(separatedBy: "\r\n").allSatisfy { $0.count <= 76 })
            let data = try #require(
                Data(base64Encoded: encoded.replacingOccurrences(of: "\r\n", with: "")))
            #expect(String(decoding: data, as: UTF8.self) == body + "\r\n")
        }
    }

    @Test(arguments: [
        (Int64(0), "Thu, 01 Jan 1970 00:00:00 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        (951_782_400_000_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (1_291_191_960_999_999, "Wed, 01 Dec 2010 08:26:00 +0000"),
        (4_107_542_399_000_000, "Sun, 28 Feb 2100 23:59:59 +0000"),
    ])
    func `given an instant, then the date is the one of RFC 5322`(
        microseconds: Int64, date: String
    ) throws {
        let message = try text(of: mail(date: Instant(microseconds: microseconds)))
        #expect(try header("Date", of: message) == date)
    }

    @Test func `given an address beyond ASCII, then it is written as it is`() throws {
        let message = try text(of: mail(to: "zoë@müller.example"))
        #expect(try header("To", of: message) == "zoë@müller.example")
    }

    @Test
    func `fault 63: given an outbox that cannot be written, then the failure may be tried again`()
        throws
    {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "file")
        let failure = #expect(throws: MailFailure.self) {
            try EmlMailSender(directory: folder.path + "/file/outbox")
        }
        #expect(failure?.willRetry == true)
        let sender = try EmlMailSender(directory: folder.path + "/outbox")
        try FileManager.default.removeItem(atPath: folder.path + "/outbox")
        let lost = #expect(throws: MailFailure.self) { try sender.send(mail()) }
        #expect(lost?.willRetry == true)
    }
}
