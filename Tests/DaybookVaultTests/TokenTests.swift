import DaybookCore
import DaybookDecisions
import Foundation
import Synchronization
import Testing

@testable import DaybookVault

@Suite struct `Verification tokens` {
    private let purpose = VerificationPurpose.emailVerification
    private let claims = TokenClaims(
        verificationID: link, userID: alice, purpose: .emailVerification,
        expiresAt: noon.advanced(bySeconds: 86_400))

    private func token(of vault: Vault) -> String {
        vault.token(
            for: link, user: alice, purpose: purpose, expiresAt: claims.expiresAt)
    }

    @Test
    func `S-075: given a token, when read by the vault that made it, then it gives its claims`()
        throws
    {
        let vault = try vaultInMemory()
        let text = token(of: vault)
        #expect(text.utf8.count == 104)
        #expect(vault.claims(ofToken: text, purpose: purpose) == claims)
        #expect(token(of: vault) == text)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `given any expiry, then it comes back to the microsecond`(microseconds: Int64) throws {
        let vault = try vaultInMemory()
        let instant = Instant(microseconds: microseconds)
        let text = vault.token(for: link, user: alice, purpose: purpose, expiresAt: instant)
        #expect(vault.claims(ofToken: text, purpose: purpose)?.expiresAt == instant)
    }

    @Test func `S-081: given any character changed, then the token is refused`() throws {
        let vault = try vaultInMemory()
        let text = Array(token(of: vault).utf8)
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ".utf8)
        for index in text.indices {
            for character in alphabet where character != text[index] {
                var changed = text
                changed[index] = character
                let changedText = String(decoding: changed, as: UTF8.self)
                #expect(vault.claims(ofToken: changedText, purpose: purpose) == nil)
            }
        }
    }

    @Test func `S-081: given a token cut, lengthened or not a token at all, then it is refused`()
        throws
    {
        let vault = try vaultInMemory()
        let text = token(of: vault)
        let others = [
            "", "x", String(text.dropLast()), text + "A", text + "=", " " + text, text.lowercased(),
            String(repeating: "A", count: 104), String(repeating: "é", count: 52),
        ]
        for other in others {
            #expect(vault.claims(ofToken: other, purpose: purpose) == nil, "\(other)")
        }
    }

    @Test func `S-075: given a genuine token for another purpose, then it is refused`() throws {
        let vault = try vaultInMemory()
        let key = vault.tokenKeys.withLock { $0.current }
        var bytes = try #require(Base64URL.bytes(of: token(of: vault)))
        bytes.removeLast(32)
        #expect(
            VerificationToken.sign(bytes, key: key, log: shopLog) == token(of: vault))
        bytes[1] = 2
        let foreign = VerificationToken.sign(bytes, key: key, log: shopLog)
        #expect(vault.claims(ofToken: foreign, purpose: purpose) == nil)
        bytes[1] = 1
        bytes[0] = 2
        let future = VerificationToken.sign(bytes, key: key, log: shopLog)
        #expect(vault.claims(ofToken: future, purpose: purpose) == nil)
    }

    @Test func `given another vault's or another log's token, then it is refused`() throws {
        let vault = try vaultInMemory(seed: 1)
        let other = try vaultInMemory(seed: 2)
        #expect(vault.claims(ofToken: token(of: other), purpose: purpose) == nil)
        let otherLog = try vaultInMemory(seed: 1, log: LogID(rawValue: 9))
        #expect(vault.claims(ofToken: token(of: otherLog), purpose: purpose) == nil)
    }

    @Test func `D-39: given a token, then neither it nor its verification is in the vault's files`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let text = token(of: vault)
        let identifier = withUnsafeBytes(of: link.rawValue.bigEndian) { Array($0) }
        for name in try folder.names {
            let content = try folder.bytes(of: name)
            #expect(!content.holds(text))
            #expect(content.firstRange(of: identifier) == nil)
        }
    }

    @Test func `D-42: given two verifications in one microsecond, then their tokens differ`() throws
    {
        let vault = try vaultInMemory()
        let second = vault.token(
            for: VerificationID(rawValue: link.rawValue + 1), user: alice, purpose: purpose,
            expiresAt: claims.expiresAt)
        #expect(second != token(of: vault))
    }

    @Test
    func
        `D-46: given a rotated key, then links of the key before stay good, and of the one before that do not`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let first = token(of: vault)
        try vault.rotateTokenKey()
        let second = token(of: vault)
        #expect(first != second)
        #expect(vault.claims(ofToken: first, purpose: purpose) == claims)
        #expect(vault.claims(ofToken: second, purpose: purpose) == claims)
        let reopened = try Vault.open(in: folder.path, options: quick)
        #expect(token(of: reopened) == second)
        #expect(reopened.claims(ofToken: first, purpose: purpose) == claims)
        try reopened.rotateTokenKey()
        #expect(reopened.claims(ofToken: first, purpose: purpose) == nil)
        #expect(reopened.claims(ofToken: second, purpose: purpose) == claims)
        let third = try Vault.open(in: folder.path, options: quick)
        #expect(third.claims(ofToken: first, purpose: purpose) == nil)
        #expect(third.claims(ofToken: second, purpose: purpose) == claims)
        #expect(third.claims(ofToken: token(of: reopened), purpose: purpose) == claims)
    }

    @Test(arguments: [
        ("", ""), ("66", "Zg"), ("666f", "Zm8"), ("666f6f", "Zm9v"), ("fbff", "-_8"),
    ])
    func `given the vectors of RFC 4648 section 10 in the alphabet for links, then both ways agree`(
        hexText: String, text: String
    ) {
        #expect(Base64URL.text(of: bytes(hex: hexText)) == text)
        #expect(Base64URL.bytes(of: text) == bytes(hex: hexText))
    }

    @Test(arguments: ["Zh", "Z", "Zm9vZ", "Zg==", "Zm 8", "+/8"])
    func `given text that no bytes have, then it is refused`(text: String) {
        #expect(Base64URL.bytes(of: text) == nil)
    }
}
