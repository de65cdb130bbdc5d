import Crypto
import CryptoExtras
import Foundation

/// A salted, slow hash of a password, with the cost it was made at.
///
/// The text is a PHC string: `$scrypt$ln=17,r=8,p=1$SALT$HASH`, base 64 without padding.
///
/// Source: RFC 7914; PHC string format specification.
package struct PasswordVerifier: Hashable, Sendable {
    package let cost: PasswordCost
    package let salt: [UInt8]
    package let hash: [UInt8]

    static let saltByteCount = 16
    static let hashByteCount = 32

    /// Hashes exactly the bytes given: nothing is cut, trimmed or normalised.
    ///
    /// - Throws: ``VaultError`` `.unusablePassword` for no bytes or too many, `.io` when the hash's
    ///   memory cannot be had.
    package init(
        password: [UInt8], salt: [UInt8], cost: PasswordCost
    ) throws(VaultError) {
        guard (1...VaultLimits.passwordByteCount).contains(password.count) else {
            throw VaultError(
                .unusablePassword,
                "a password has 1 ... \(VaultLimits.passwordByteCount) bytes, not \(password.count)"
            )
        }
        self.cost = cost
        self.salt = salt
        hash = try PasswordVerifier.scrypt(
            password, salt: salt, cost: cost, byteCount: PasswordVerifier.hashByteCount)
    }

    /// Whether the password is the one; the comparison takes the same time wherever they differ.
    package func accepts(_ password: [UInt8]) throws(VaultError) -> Bool {
        let other = try PasswordVerifier.scrypt(
            password, salt: salt, cost: cost, byteCount: hash.count)
        var difference: UInt8 = 0
        for (left, right) in zip(hash, other) { difference |= left ^ right }
        return difference == 0 && hash.count == other.count
    }

    /// Whether it should be made anew at the next login.
    package func needsRehash(for wanted: PasswordCost) -> Bool {
        cost != wanted || hash.count != PasswordVerifier.hashByteCount
    }

    /// The function of RFC 7914; every use of it goes through here.
    package static func scrypt(
        _ password: [UInt8], salt: [UInt8], cost: PasswordCost, byteCount: Int
    ) throws(VaultError) -> [UInt8] {
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: password, salt: salt, outputByteCount: byteCount,
                rounds: 1 << cost.rounds, blockSize: cost.blockSize, parallelism: cost.parallelism)
            return key.withUnsafeBytes { Array($0) }
        } catch {
            throw VaultError(
                .io,
                "scrypt failed (\(error)); it needs \(cost.blockSize << (cost.rounds + 7)) "
                    + "bytes of memory")
        }
    }
}

// MARK: - Text

extension PasswordVerifier: LosslessStringConvertible {
    package var description: String {
        "$scrypt$ln=\(cost.rounds),r=\(cost.blockSize),p=\(cost.parallelism)"
            + "$\(PHCBase64.text(of: salt))$\(PHCBase64.text(of: hash))"
    }

    /// Reads exactly what ``description`` writes; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let cost = PasswordVerifier.cost(of: parts[2]),
            let salt = PHCBase64.bytes(of: parts[3]), (8...64).contains(salt.count),
            let hash = PHCBase64.bytes(of: parts[4]), (16...64).contains(hash.count)
        else { return nil }
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    private static func cost(of text: Substring) -> PasswordCost? {
        let parameters = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parameters.count == 3 else { return nil }
        var numbers: [Int] = []
        for (parameter, name) in zip(parameters, ["ln=", "r=", "p="]) {
            let digits = parameter.dropFirst(name.count)
            guard parameter.hasPrefix(name), let number = Int(digits), String(number) == digits
            else { return nil }
            numbers.append(number)
        }
        return PasswordCost(rounds: numbers[0], blockSize: numbers[1], parallelism: numbers[2])
    }
}

/// Base 64 without padding, as PHC strings have it.
private enum PHCBase64 {
    static func text(of bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    static func bytes(of text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard !text.utf8.contains(UInt8(ascii: "=")),
            let data = Data(base64Encoded: text + padding)
        else { return nil }
        let bytes = Array(data)
        // Bits beyond the last byte must be zero: one value, one text.
        return self.text(of: bytes) == text ? bytes : nil
    }
}
