import Crypto
import Foundation
import GRDB

/// The keys that make and check verification tokens: the current one, and the one before it.
struct TokenKeys: Sendable {
    struct TokenKey: Sendable {
        var id: UInt32
        var key: SymmetricKey

        init(id: UInt32, key: SymmetricKey) {
            self.id = id
            self.key = key
        }

        init(id: UInt32, bytes: [UInt8]) {
            self.init(id: id, key: SymmetricKey(data: bytes))
        }
    }

    /// Newest last; never empty.
    private(set) var keys: [TokenKey]

    var current: TokenKey { keys[keys.count - 1] }

    func key(withID id: UInt32) -> SymmetricKey? {
        keys.first { $0.id == id }?.key
    }

    mutating func rotate(to key: TokenKey) {
        keys.append(key)
        keys.removeFirst(max(0, keys.count - VaultLimits.tokenKeyCount))
    }

    static func load(
        from store: VaultStore, unwrappingWith master: MasterKey
    ) throws(VaultError) -> TokenKeys {
        let rows = try store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT key_id, wrapped_key FROM token_keys ORDER BY key_id")
        }
        var keys: [TokenKey] = []
        for row in rows {
            let number: Int64 = row["key_id"]
            let wrapped: Data = row["wrapped_key"]
            guard let id = UInt32(exactly: number),
                let key = master.unwrap(Array(wrapped), for: .token(id: id))
            else { throw store.damaged("token key \(number) does not unwrap") }
            keys.append(TokenKey(id: id, key: key))
        }
        guard !keys.isEmpty else { throw store.damaged("there is no token key") }
        return TokenKeys(keys: keys)
    }
}
