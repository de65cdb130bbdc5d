import DaybookCore
import DaybookDecisions
import DaybookVault

let shopLog = LogID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_0001)
let alice = UserID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_00A1)
let bob = UserID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_00B0)
let link = VerificationID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_0011)
let noon = Instant(microseconds: 1_291_204_800_000_000)

/// Passwords that cost nothing to check, and keys that follow from a seed.
let quick = Vault.Options(entropy: SeededEntropy(seed: 1), passwordCost: .lowest)

func vaultInMemory(seed: UInt64 = 1, log: LogID = shopLog) throws -> Vault {
    try Vault.inMemory(
        logID: log,
        options: Vault.Options(entropy: SeededEntropy(seed: seed), passwordCost: .lowest))
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }.joined()
}

func bytes(hex text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count, by: 2).compactMap { index in
        UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
    }
}

extension Sequence<UInt8> {
    func holds(_ text: String) -> Bool {
        Array(self).firstRange(of: Array(text.utf8)) != nil
    }
}

/// The error's code, so that a test can name it.
func code<Value>(of body: () throws(VaultError) -> Value) -> VaultError.Code? {
    do throws(VaultError) {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
