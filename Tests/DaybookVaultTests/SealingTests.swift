import Crypto
import DaybookCore
import DaybookDecisions
import Foundation
import GRDB
import Testing

@testable import DaybookVault

@Suite struct `Sealing personal values` {
    /// RFC 8452 appendix C.2, first case with a plaintext; the cipher is the one that boxes use.
    @Test
    func `given the vector of RFC 8452, when sealed, then the box is nonce, ciphertext and tag`()
        throws
    {
        let key = SymmetricKey(data: [1] + [UInt8](repeating: 0, count: 31))
        let nonce = bytes(hex: "030000000000000000000000")
        let box = try SealedBox.seal(
            bytes(hex: "0100000000000000"), using: key, nonce: nonce, bindingTo: [])
        #expect(
            hex(box) == "030000000000000000000000"
                + "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28")
        #expect(SealedBox.open(box, using: key, bindingTo: []) == bytes(hex: "0100000000000000"))
    }

    @Test func `given a field, then the box is bound to log, user, versions, type and name`() {
        let data = SealedField.registeredEmail.associatedData(
            log: shopLog, user: alice, keyVersion: 1)
        #expect(
            hex(data) == hex("daybook sealed field v1".utf8) + "00"
                + "01910000000070008000000000000001" + "019100000000700080000000000000a1"
                + "00000001" + "00000001"
                + "0000000e" + hex("UserRegistered".utf8) + "00000005" + hex("email".utf8))
    }

    @Test func `given random entropy, when one text is sealed twice, then the boxes differ`() throws
    {
        let vault = try Vault.inMemory(logID: shopLog)
        try vault.createKeys(for: [alice])
        let first = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        let second = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        #expect(first != second)
        #expect(first.box.count == 12 + 17 + 16)
        #expect(first.keyVersion == 1)
        #expect(!first.box.holds("alice"))
    }

    @Test func `given one seed, when two vaults do the same, then their boxes are equal`() throws {
        func box(seed: UInt64) throws -> Sealed {
            let vault = try vaultInMemory(seed: seed)
            try vault.createKeys(for: [alice, bob])
            return try vault.seal("1 Main Street", for: bob, field: .shippingAddress)
        }
        #expect(try box(seed: 3) == box(seed: 3))
        #expect(try box(seed: 3) != box(seed: 4))
    }

    @Test(arguments: ["", "a", "Zoë Müller, 〒100-0001", String(repeating: "x", count: 65_536)])
    func `given any text, when sealed and read, then it is the same`(text: String) throws {
        let vault = try vaultInMemory()
        try vault.createKeys(for: [alice])
        let sealed = try vault.seal(text, for: alice, field: .shippingAddress)
        #expect(try vault.unseal(sealed, for: alice, field: .shippingAddress) == .value(text))
    }

    @Test func `given any flipped bit, when read, then the box is refused`() throws {
        let vault = try vaultInMemory()
        try vault.createKeys(for: [alice])
        let sealed = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        for bit in 0..<(sealed.box.count * 8) {
            var changed = sealed
            changed.box[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(
                code { () throws(VaultError) in
                    try vault.unseal(changed, for: alice, field: .registeredEmail)
                } == .damaged, "bit \(bit)")
        }
        for count in 0..<sealed.box.count {
            let cut = Sealed(box: Array(sealed.box.prefix(count)), keyVersion: 1)
            #expect(
                code { () throws(VaultError) in
                    try vault.unseal(cut, for: alice, field: .registeredEmail)
                } == .damaged, "\(count) bytes")
        }
    }

    @Test(arguments: [
        SealedField.shippingAddress,
        SealedField(eventType: "UserRegistered", schemaVersion: 2, name: "email"),
        SealedField(eventType: "UserRegistered", schemaVersion: 1, name: "name"),
        SealedField(eventType: "EmailChanged", schemaVersion: 1, name: "email"),
    ])
    func `given a box of one field, when read as another, then it is refused`(field: SealedField)
        throws
    {
        let vault = try vaultInMemory()
        try vault.createKeys(for: [alice])
        let sealed = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        #expect(
            code { () throws(VaultError) in
                try vault.unseal(sealed, for: alice, field: field)
            } == .damaged)
    }

    @Test func `given a box of one person or log, when read for another, then it is refused`()
        throws
    {
        let vault = try vaultInMemory()
        try vault.createKeys(for: [alice, bob])
        let sealed = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        #expect(
            code { () throws(VaultError) in
                try vault.unseal(sealed, for: bob, field: .registeredEmail)
            } == .damaged)
        let otherLog = try vaultInMemory(log: LogID(rawValue: 2))
        try otherLog.createKeys(for: [alice])
        #expect(
            code { () throws(VaultError) in
                try otherLog.unseal(sealed, for: alice, field: .registeredEmail)
            } == .damaged)
    }

    @Test
    func `given no key, when a value is sealed, then it says so; read, then the key is missing`()
        throws
    {
        let vault = try vaultInMemory()
        #expect(
            code { () throws(VaultError) in
                try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
            } == .noDataKey)
        let sealed = Sealed(box: [UInt8](repeating: 0, count: 40), keyVersion: 1)
        #expect(try vault.unseal(sealed, for: alice, field: .registeredEmail) == .keyMissing)
        try vault.createKeys(for: [alice])
        let later = Sealed(box: sealed.box, keyVersion: 2)
        #expect(try vault.unseal(later, for: alice, field: .registeredEmail) == .keyMissing)
    }
}

@Suite struct `Data keys` {
    @Test func `given a key, when created again, then values sealed before still open`() throws {
        let vault = try vaultInMemory()
        try vault.createKeys(for: [alice, alice])
        let sealed = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        try vault.createKeys(for: [bob, alice])
        #expect(
            try vault.unseal(sealed, for: alice, field: .registeredEmail)
                == .value("alice@example.com"))
    }

    @Test func `given a key on disk, when another process creates it, then it keeps it`() throws {
        let folder = try TemporaryFolder()
        let first = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try first.createKeys(for: [alice])
        let sealed = try first.seal("alice@example.com", for: alice, field: .registeredEmail)
        let second = try Vault.open(in: folder.path, options: quick)
        try second.createKeys(for: [alice, bob])
        #expect(
            try second.unseal(sealed, for: alice, field: .registeredEmail)
                == .value("alice@example.com"))
    }

    @Test
    func `given a wave of 3,003 people, when keys are created at once, then each has its own`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let people = (1...3_003).map { UserID(rawValue: UInt128($0)) }
        try vault.createKeys(for: people)
        let boxes = try people.map { person in
            try vault.seal("x", for: person, field: .registeredEmail)
        }
        let reopened = try Vault.open(in: folder.path, options: quick)
        for (person, box) in zip(people, boxes) {
            #expect(
                try reopened.unseal(box, for: person, field: .registeredEmail) == .value("x"))
        }
    }

    @Test func `given a key row moved to another person, when read, then it is refused as damaged`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.createKeys(for: [alice])
        let sealed = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        try vault.store.write { database in
            try database.execute(
                sql: "UPDATE data_keys SET user_id = ?",
                arguments: [DataKeyName(user: bob, version: 1).userData])
        }
        let reopened = try Vault.open(in: folder.path, options: quick)
        #expect(
            code { () throws(VaultError) in
                try reopened.unseal(sealed, for: bob, field: .registeredEmail)
            } == .damaged)
    }

    @Test func `given many callers at once, then every value opens`() async throws {
        let vault = try vaultInMemory()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let person = UserID(rawValue: UInt128(number % 8 + 1))
                    try vault.createKeys(for: [person])
                    let sealed = try vault.seal("\(number)", for: person, field: .shippingAddress)
                    return try vault.unseal(sealed, for: person, field: .shippingAddress)
                        == .value("\(number)")
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }
}

@Suite struct `Erasing` {
    @Test func `given an erased person, when a value is read, then it is erased, and bob's is not`()
        throws
    {
        let vault = try vaultInMemory()
        try vault.createKeys(for: [alice, bob])
        let aliceSealed = try vault.seal("a@example.com", for: alice, field: .registeredEmail)
        let bobSealed = try vault.seal("b@example.com", for: bob, field: .registeredEmail)
        try vault.erase(alice)
        #expect(try vault.unseal(aliceSealed, for: alice, field: .registeredEmail) == .erased)
        #expect(
            try vault.unseal(bobSealed, for: bob, field: .registeredEmail)
                == .value("b@example.com"))
    }

    @Test func `given an erased person, when a key or value is wanted, then it is refused`() throws
    {
        let vault = try vaultInMemory()
        try vault.erase(alice)
        #expect(
            code { () throws(VaultError) in try vault.createKeys(for: [bob, alice]) } == .erased)
        #expect(
            code { () throws(VaultError) in
                try vault.seal("x", for: alice, field: .registeredEmail)
            } == .erased)
        #expect(
            code { () throws(VaultError) in
                try vault.seal("x", for: bob, field: .registeredEmail)
            } == .noDataKey)
    }

    @Test func `given a key that came back beside its tombstone, then it stays out of use`() throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.createKeys(for: [alice])
        let sealed = try vault.seal("a@example.com", for: alice, field: .registeredEmail)
        try vault.store.write { database in
            try database.execute(
                sql: "INSERT INTO erasures (user_id) VALUES (?)",
                arguments: [DataKeyName(user: alice, version: 1).userData])
        }
        let reopened = try Vault.open(in: folder.path, options: quick)
        #expect(try reopened.unseal(sealed, for: alice, field: .registeredEmail) == .erased)
        #expect(
            code { () throws(VaultError) in
                try reopened.seal("b", for: alice, field: .registeredEmail)
            } == .erased)
    }

    @Test func `given an erased person, then neither wrapped key nor verifier is left in any file`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.createKeys(for: [alice])
        try vault.setVerifier(password: Array("correct horse battery".utf8), for: alice)
        let wrapped = try vault.store.read { database in
            try #require(
                try Data.fetchOne(database, sql: "SELECT wrapped_key FROM data_keys"))
        }
        #expect(try folder.bytes(of: "vault.sqlite").firstRange(of: Array(wrapped)) != nil)
        try vault.erase(alice)
        for name in try folder.names {
            let content = try folder.bytes(of: name)
            #expect(content.firstRange(of: Array(wrapped)) == nil)
            #expect(!content.holds("$scrypt$"))
        }
    }
}

@Suite struct `E-mail digests` {
    @Test func `given one address, then one vault gives one digest, and another vault another`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let digest = vault.digest(of: "bob@example.com")
        #expect(
            try Vault.open(in: folder.path, options: quick).digest(of: "bob@example.com") == digest)
        #expect(vault.digest(of: "bob@example.org") != digest)
        #expect(try vaultInMemory(seed: 2).digest(of: "bob@example.com") != digest)
    }
}
