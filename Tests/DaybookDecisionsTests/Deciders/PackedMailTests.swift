import DaybookCore
import Testing

@testable import DaybookDecisions

@Suite struct `Packed mails` {
    private func users() -> UserTable {
        var users = UserTable()
        for number in 1...3 {
            users.add(
                UserState(
                    id: UserID(rawValue: UInt128(number)),
                    emailDigest: EmailDigest(
                        digest: [UInt8](repeating: UInt8(number), count: 32).withUnsafeBytes {
                            Digest(bytes: $0)
                        }),
                    registration: LogPosition(rawValue: UInt64(number)),
                    registeredAt: Instant(microseconds: 0)))
        }
        return users
    }

    private func mails() -> [PendingMail] {
        let time: UInt128 = 0x0190_0000_0000 << 80
        return (0..<200).map { number in
            var request = MailRequested(
                mailID: MailID(rawValue: time | UInt128(number)),
                template: MailTemplate.allCases[number % 3],
                // Two of five are not in the table.
                userID: UserID(rawValue: UInt128(number % 5)))
            if number.isMultiple(of: 2) {
                let earlier = time - UInt128(number) << 80
                request.orderID = OrderID(rawValue: earlier | 77)
            }
            if number.isMultiple(of: 3) {
                request.verificationID = VerificationID(
                    rawValue: number == 3 ? .max : UInt128(number))
            }
            return PendingMail(
                request: request, position: LogPosition(rawValue: UInt64(number) << 20))
        }
    }

    @Test func `given mails, when packed, replaced and removed, then the others are as they were`()
    {
        let users = users()
        var packed = PackedMails()
        for mail in mails() {
            packed.insert(mail, user: users.index(of: mail.request.userID))
            packed.insert(mail, user: users.index(of: mail.request.userID))
        }
        let full = packed.count
        #expect(full == 200)
        for mail in mails() {
            let copy = packed.mail(mail.request.mailID, of: users)
            #expect(copy == mail)
        }
        for mail in mails().prefix(150) { packed.remove(mail.request.mailID) }
        let first = packed.contains(mails()[0].request.mailID)
        let rest = packed.all(of: users).sorted { $0.position < $1.position }
        #expect(!first)
        #expect(rest == Array(mails().suffix(50)))
        let count = packed.count
        #expect(count == 50)
    }

    @Test func `given an image, when read with fewer users, then it is refused`() throws {
        let users = users()
        var packed = PackedMails()
        for mail in mails() {
            packed.insert(mail, user: users.index(of: mail.request.userID))
        }
        var writer = WireWriter()
        packed.encodeImage(field: 1, into: &writer)
        var copy = PackedMails()
        try writer.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let tag = try reader.nextTag() {
                try copy.addImage(chunk: try reader.delimited(tag), field: 1)
            }
        }
        try copy.check(field: 1, of: users)
        for mail in mails() {
            let read = copy.mail(mail.request.mailID, of: users)
            #expect(read == mail)
        }
        let nobody = UserTable()
        var refusal: WireError?
        do throws(WireError) { try copy.check(field: 1, of: nobody) } catch { refusal = error }
        #expect(refusal == .badValue(field: 1))
    }
}
