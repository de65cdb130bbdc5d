import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookVault
import Testing

@testable import DaybookEngine

/// Fingerprints stand in logs for ever, so how they are made is format.
@Suite struct FingerprintTests {
    @Test
    func `given a request with a key, then its batch holds the keyed hash of its canonical form`()
        async throws
    {
        let store = try TestStore()
        let (daybook, user) = try await store.openShopWithCustomer(.manual)
        let key = IdempotencyKey(rawValue: "checkout-1")!
        let command = Command.createOrder(
            CreateOrder(user: user, items: [OrderItem(sku: "A", quantity: 2)]))
        let request = Request([command], as: .user(user), key: key)
        let result = try await daybook.execute(command, as: .user(user), key: key)
        let position = try #require(result.positions?.lowerBound)
        let batch = try #require(try daybook.reader.batch(containing: position))

        var writer = WireWriter()
        request.write(canonicalFormInto: &writer)
        let plain = writer.withUnsafeBytes { HashFunction.sha256.digest($0) }
        let expected = daybook.vault.digest(of: "request fingerprint \(plain)").digest
        #expect(batch.metadata.fingerprint == expected)
        try await daybook.close()
    }
}
