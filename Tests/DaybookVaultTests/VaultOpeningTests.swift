import DaybookCore
import DaybookDecisions
import Foundation
import GRDB
import Testing

@testable import DaybookVault

@Suite struct `Opening the vault` {
    @Test func `given a vault with a sealed address, when it is opened again, then it reads it`()
        throws
    {
        let folder = try TemporaryFolder()
        let sealed = try {
            let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
            try vault.createKeys(for: [alice])
            return try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        }()
        let vault = try Vault.open(in: folder.path, logID: shopLog, options: quick)
        #expect(
            try vault.unseal(sealed, for: alice, field: .registeredEmail)
                == .value("alice@example.com"))
        #expect(vault.logID == shopLog)
        #expect(!vault.isReadOnly)
    }

    @Test
    func
        `given a new vault, then only its owner may touch its files and none is a write-ahead log`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.createKeys(for: [alice])
        #expect(try folder.mode(of: "vault.sqlite") == 0o600)
        #expect(try folder.mode(of: "master.key") == 0o400)
        #expect(try folder.bytes(of: "master.key").count == 32)
        #expect(try folder.names.allSatisfy { !$0.contains("wal") && !$0.contains(".part") })
    }

    @Test func `given an open vault, when SQL writes to its schema, then SQLite refuses`() throws {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let store = try VaultStore.open(path: folder.path + "/vault.sqlite", readOnly: false)
        let error = #expect(throws: VaultError.self) {
            try store.write { database in
                try database.execute(
                    sql: """
                        PRAGMA writable_schema = ON;
                        UPDATE sqlite_schema SET sql = '' WHERE name = 'data_keys'
                        """)
            }
        }
        #expect("\(error as Any)".contains("may not be modified"))
    }

    @Test
    func
        `fault 69: given another vault's master key, when opened, then it says wrong key and decrypts nothing`()
        throws
    {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let before = try folder.bytes(of: "vault.sqlite")
        try folder.write([UInt8](repeating: 7, count: 32), to: "master.key", mode: 0o400)
        let error = #expect(throws: VaultError.self) {
            try Vault.open(in: folder.path, options: quick)
        }
        #expect(error?.code == .wrongKey)
        #expect(error?.file == folder.path + "/master.key")
        #expect(try folder.bytes(of: "vault.sqlite") == before)
    }

    @Test
    func `given no master key file, when opened, then it says key missing and names the file`()
        throws
    {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try FileManager.default.removeItem(atPath: folder.path + "/master.key")
        let error = #expect(throws: VaultError.self) {
            try Vault.open(in: folder.path, options: quick)
        }
        #expect(error?.code == .keyMissing)
        #expect(error?.message.contains(folder.path + "/master.key") == true)
    }

    @Test(arguments: [0o440, 0o404, 0o640])
    func `given a master key that others may read, when opened, then it is refused`(mode: Int)
        throws
    {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try folder.setMode(mode, of: "master.key")
        #expect(
            code { () throws(VaultError) in
                try Vault.open(in: folder.path, options: quick)
            } == .keyExposed)
    }

    @Test(arguments: [0, 31, 33])
    func `given a master key of another size, when opened, then it is refused as damaged`(
        byteCount: Int
    ) throws {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try folder.write([UInt8](repeating: 1, count: byteCount), to: "master.key", mode: 0o400)
        #expect(
            code { () throws(VaultError) in
                try Vault.open(in: folder.path, options: quick)
            } == .damaged)
    }

    @Test
    func `given a place for the master key elsewhere, then the vault's folder does not hold it`()
        throws
    {
        let folder = try TemporaryFolder()
        let elsewhere = try TemporaryFolder()
        var options = quick
        options.masterKeyFile = elsewhere.path + "/shop.key"
        _ = try Vault.create(in: folder.path, logID: shopLog, options: options)
        #expect(try !folder.names.contains("master.key"))
        #expect(try elsewhere.names == ["shop.key"])
        #expect(try Vault.open(in: folder.path, options: options).logID == shopLog)
    }

    @Test
    func `given a vault, when another is created in its place, then it is refused and unchanged`()
        throws
    {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let before = try folder.bytes(of: "vault.sqlite")
        #expect(
            code { () throws(VaultError) in
                try Vault.create(in: folder.path, logID: shopLog, options: quick)
            } == .alreadyExists)
        #expect(try folder.bytes(of: "vault.sqlite") == before)
    }

    @Test
    func
        `given a crash after the master key was written, when created again, then that key is used`()
        throws
    {
        let folder = try TemporaryFolder()
        let key = [UInt8](repeating: 9, count: 32)
        try folder.write(key, to: "master.key", mode: 0o400)
        try folder.write([1, 2, 3], to: "vault.sqlite.part")
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        #expect(try folder.bytes(of: "master.key") == key)
        #expect(try folder.names.filter { $0.contains(".part") }.isEmpty)
        _ = try Vault.open(in: folder.path, options: quick)
    }

    @Test func `given another log's id, when opened, then it is refused as foreign`() throws {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        #expect(
            code { () throws(VaultError) in
                try Vault.open(in: folder.path, logID: LogID(rawValue: 5), options: quick)
            } == .foreignLog)
    }

    @Test func `given an empty folder, when opened, then it says not found and makes nothing`()
        throws
    {
        let folder = try TemporaryFolder()
        #expect(
            code { () throws(VaultError) in
                try Vault.open(in: folder.path, options: quick)
            } == .notFound)
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: [0, 1, 100, 4_096, 8_000])
    func `given a file cut or overwritten, when opened, then it says damaged`(byteCount: Int)
        throws
    {
        let folder = try TemporaryFolder()
        _ = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        let bytes = try folder.bytes(of: "vault.sqlite")
        try folder.write(Array(bytes.prefix(byteCount)), to: "vault.sqlite")
        #expect(
            code { () throws(VaultError) in
                try Vault.open(in: folder.path, options: quick)
            } == .damaged)
        try folder.write([UInt8](repeating: 0x41, count: bytes.count), to: "vault.sqlite")
        #expect(
            code { () throws(VaultError) in
                try Vault.open(in: folder.path, options: quick)
            } == .damaged)
    }

    @Test
    func
        `given a vault opened for reading, when keys are created, then it refuses, and still reads`()
        throws
    {
        let folder = try TemporaryFolder()
        let writer = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try writer.createKeys(for: [alice])
        let sealed = try writer.seal("alice@example.com", for: alice, field: .registeredEmail)
        let reader = try Vault.open(in: folder.path, mode: .readOnly, options: quick)
        #expect(code { () throws(VaultError) in try reader.createKeys(for: [bob]) } == .readOnly)
        #expect(
            try reader.unseal(sealed, for: alice, field: .registeredEmail)
                == .value("alice@example.com"))
    }
}

@Suite struct `The vault and the log` {
    @Test
    func `fault 68: given keys just created, then a second process sees them without a close`()
        throws
    {
        let folder = try TemporaryFolder()
        let first = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try first.createKeys(for: [alice, bob])
        let sealed = try first.seal("bob@example.com", for: bob, field: .registeredEmail)
        let second = try Vault.open(in: folder.path, mode: .readOnly, options: quick)
        #expect(
            try second.unseal(sealed, for: bob, field: .registeredEmail)
                == .value("bob@example.com"))
    }

    @Test
    func
        `fault 67: given an older copy of the vault, when a newer value is read, then the key is missing, not erased`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.createKeys(for: [alice])
        let older = try folder.bytes(of: "vault.sqlite")
        try vault.createKeys(for: [bob])
        let sealed = try vault.seal("bob@example.com", for: bob, field: .registeredEmail)
        try folder.write(older, to: "vault.sqlite")
        let restored = try Vault.open(in: folder.path, options: quick)
        #expect(try restored.unseal(sealed, for: bob, field: .registeredEmail) == .keyMissing)
    }

    @Test
    func
        `fault 67: given an older copy with an erased person's key, when erased again, then it stays erased`()
        throws
    {
        let folder = try TemporaryFolder()
        let vault = try Vault.create(in: folder.path, logID: shopLog, options: quick)
        try vault.createKeys(for: [alice])
        let sealed = try vault.seal("alice@example.com", for: alice, field: .registeredEmail)
        let older = try folder.bytes(of: "vault.sqlite")
        try vault.erase(alice)
        try folder.write(older, to: "vault.sqlite")
        let restored = try Vault.open(in: folder.path, options: quick)
        try restored.erase(alice)
        try restored.erase(alice)
        #expect(try restored.unseal(sealed, for: alice, field: .registeredEmail) == .erased)
        let again = try Vault.open(in: folder.path, options: quick)
        #expect(try again.unseal(sealed, for: alice, field: .registeredEmail) == .erased)
    }
}
