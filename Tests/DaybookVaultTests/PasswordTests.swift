import DaybookCore
import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import DaybookVault

@Suite struct `Password verifiers` {
    struct Vector: Sendable {
        var password: String
        var salt: String
        var cost: PasswordCost
        var key: String
    }

    /// RFC 7914 section 12.
    static let vectors = [
        Vector(
            password: "", salt: "",
            cost: PasswordCost(rounds: 4, blockSize: 1, parallelism: 1)!,
            key: "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"),
        Vector(
            password: "password", salt: "NaCl",
            cost: PasswordCost(rounds: 10, blockSize: 8, parallelism: 16)!,
            key: "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"),
    ]

    @Test(arguments: vectors)
    func `given a vector of RFC 7914, then the hash is the published one`(vector: Vector) throws {
        let key = try PasswordVerifier.scrypt(
            Array(vector.password.utf8), salt: Array(vector.salt.utf8), cost: vector.cost,
            byteCount: 64)
        #expect(hex(key) == vector.key)
    }

    @Test func `given a verifier, then its text is a PHC string that reads back`() throws {
        let verifier = try PasswordVerifier(
            password: Array("correct horse".utf8), salt: Array("0123456789abcdef".utf8),
            cost: .lowest)
        let text = verifier.description
        #expect(text.hasPrefix("$scrypt$ln=1,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"))
        #expect(PasswordVerifier(text) == verifier)
        #expect(try verifier.accepts(Array("correct horse".utf8)))
        #expect(try !verifier.accepts(Array("correct horsf".utf8)))
    }

    @Test(arguments: [
        "", "$", "scrypt", "$argon2id$ln=1,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=1,r=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=01,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=40,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=0,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$r=1,ln=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=1,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg==$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=1,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZh$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=1,r=1,p=1$$MDEyMzQ1Njc4OWFiY2RlZg",
        "$scrypt$ln=1,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$",
        "$scrypt$ln=1,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg$",
    ])
    func `given text that is no verifier of ours, then it is refused`(text: String) {
        #expect(PasswordVerifier(text) == nil)
    }

    @Test func `given the cost of the design, then it is 2^17, 8, 1`() {
        #expect(PasswordCost.recommended.rounds == 17)
        #expect(PasswordCost.recommended.blockSize == 8)
        #expect(PasswordCost.recommended.parallelism == 1)
        #expect(PasswordCost(rounds: 21, blockSize: 8, parallelism: 1) == nil)
        #expect(PasswordCost(rounds: 17, blockSize: 0, parallelism: 1) == nil)
        #expect(PasswordCost(rounds: 17, blockSize: 8, parallelism: 17) == nil)
    }
}

@Suite struct `Passwords in the vault` {
    private let password = Array("correct horse battery staple".utf8)

    @Test func `given a password, when checked, then only its exact bytes are accepted`() throws {
        let vault = try vaultInMemory()
        try vault.setVerifier(password: password, for: alice)
        #expect(try vault.verify(password: password, for: alice))
        #expect(try !vault.verify(password: password + [0x20], for: alice))
        #expect(try !vault.verify(password: Array(password.dropLast()), for: alice))
        #expect(try !vault.verify(password: [], for: alice))
        #expect(try !vault.verify(password: password, for: bob))
        #expect(try !vault.verify(password: password, for: nil))
    }

    @Test func `S-074: given a password, then no file of the vault holds it`() throws {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.setVerifier(password: Array("canary-password-5150".utf8), for: alice)
        for name in try folder.names {
            #expect(try !folder.bytes(of: name).holds("canary-password"))
        }
        let reopened = try Vault.open(in: folder.path, options: quick)
        #expect(try reopened.verify(password: Array("canary-password-5150".utf8), for: alice))
    }

    @Test func `D-37: given an empty or enormous password, then it is refused, not stored`() throws
    {
        let vault = try vaultInMemory()
        for unusable in [[], [UInt8](repeating: 0x61, count: 1_025)] {
            #expect(
                code { () throws(VaultError) in
                    try vault.setVerifier(password: unusable, for: alice)
                } == .unusablePassword)
            #expect(try !vault.verify(password: unusable, for: alice))
        }
        #expect(try !vault.hasVerifier(for: alice))
    }

    @Test func `given a long password, then nothing of it is cut`() throws {
        let vault = try vaultInMemory()
        let long = [UInt8](repeating: 0x61, count: 1_024)
        try vault.setVerifier(password: long, for: alice)
        #expect(try vault.verify(password: long, for: alice))
        #expect(try !vault.verify(password: long + [0x61], for: alice))
        #expect(try !vault.verify(password: Array(long.dropLast()), for: alice))
    }

    @Test func `given no usable password, then none is stored and nobody gets in`() throws {
        let vault = try vaultInMemory()
        try vault.setVerifier(password: password, for: alice)
        try vault.setVerifier(password: nil, for: alice)
        #expect(try !vault.hasVerifier(for: alice))
        #expect(try !vault.verify(password: password, for: alice))
        try vault.setVerifier(password: nil, for: bob)
        #expect(try !vault.hasVerifier(for: bob))
    }

    @Test func `given a cost that has risen, when logged in, then the verifier is to be made anew`()
        throws
    {
        let folder = try TemporaryFolder()
        let old = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try old.setVerifier(password: password, for: alice)
        #expect(try !old.needsRehash(for: alice))
        var options = quick
        options.passwordCost = PasswordCost(rounds: 2, blockSize: 1, parallelism: 1)!
        let new = try Vault.open(in: folder.path, options: options)
        #expect(try new.verify(password: password, for: alice))
        #expect(try new.needsRehash(for: alice))
        try new.setVerifier(password: password, for: alice)
        #expect(try !new.needsRehash(for: alice))
        #expect(try !new.needsRehash(for: bob))
    }

    @Test func `given the same password twice, then salts and hashes differ`() throws {
        let vault = try vaultInMemory()
        let first = try vault.makeVerifier(password: password)
        let second = try vault.makeVerifier(password: password)
        #expect(first.salt.count == 16 && first.hash.count == 32)
        #expect(first.salt != second.salt)
        #expect(first.hash != second.hash)
    }

    @Test func `given an erased person, then no verifier can be stored`() throws {
        let vault = try vaultInMemory()
        try vault.erase(alice)
        #expect(
            code { () throws(VaultError) in
                try vault.setVerifier(password: password, for: alice)
            } == .erased)
        try vault.setVerifier(password: nil, for: alice)
    }

    @Test func `given a malformed verifier in the file, when checked, then it says damaged`() throws
    {
        let vault = try vaultInMemory()
        try vault.setVerifier(password: password, for: alice)
        try vault.store.write { try $0.execute(sql: "UPDATE verifiers SET verifier = 'x'") }
        #expect(
            code { () throws(VaultError) in
                try vault.verify(password: password, for: alice)
            } == .damaged)
    }

    @Test
    func
        `given two hashes running and 32 waiting, when one more comes, then it is told to come back`()
        throws
    {
        let gate = HashingGate()
        let mayEnd = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        let running = Mutex((now: 0, most: 0))
        for _ in 0..<34 {
            group.enter()
            Thread.detachNewThread {
                _ = code { () throws(VaultError) in
                    try gate.run { () throws(VaultError) in
                        running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                        mayEnd.wait()
                        running.withLock { $0.now -= 1 }
                    }
                }
                group.leave()
            }
        }
        while gate.admittedCount < 34 { sched_yield() }
        #expect(
            code { () throws(VaultError) in
                try gate.run { () throws(VaultError) in }
            } == .busy)
        for _ in 0..<34 { mayEnd.signal() }
        group.wait()
        #expect(running.withLock { $0.most } <= 2)
        #expect(code { () throws(VaultError) in try gate.run { () throws(VaultError) in } } == nil)
    }
}
