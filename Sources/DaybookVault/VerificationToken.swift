import Crypto
import DaybookCore
import DaybookDecisions

/// The bytes of a verification token; base64url without padding gives 104 characters.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 1 | format version, 1 |
/// | 1 | 1 | purpose |
/// | 2 | 4 | token key id |
/// | 6 | 8 | expiry, microseconds since 1970 |
/// | 14 | 16 | user id |
/// | 30 | 16 | verification id |
/// | 46 | 32 | HMAC-SHA-256 over a domain string, the log id and the 46 bytes before |
///
/// Numbers are big-endian. No address and no name is in it (D-39). Two tokens differ because no
/// verification id is given out twice (D-42); nobody can make one without the 256-bit key. What a
/// genuine token says is no promise: expiry, use and replacement are facts of the log.
///
/// Source: SECURITY.md 2.
struct VerificationToken {
    static let byteCount = 78
    static let textByteCount = 104
    private static let version: UInt8 = 1
    private static let claimsByteCount = 46

    static func text(
        of claims: TokenClaims, key: TokenKeys.TokenKey, log: LogID
    ) -> String {
        var bytes: [UInt8] = [version, UInt8(truncatingIfNeeded: claims.purpose.rawValue)]
        bytes.reserveCapacity(byteCount)
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        append(key.id)
        append(claims.expiresAt.microseconds)
        append(claims.userID.rawValue)
        append(claims.verificationID.rawValue)
        return sign(bytes, key: key, log: log)
    }

    /// The token that says what the bytes say.
    static func sign(_ bytes: [UInt8], key: TokenKeys.TokenKey, log: LogID) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: authenticated(bytes, log: log), using: key.key)
        return Base64URL.text(of: bytes + code)
    }

    /// Length, key id, MAC in constant time, version and purpose, in this order.
    static func claims(
        of text: String, purpose: VerificationPurpose, keys: TokenKeys, log: LogID
    ) -> TokenClaims? {
        guard text.utf8.count == textByteCount, let bytes = Base64URL.bytes(of: text),
            bytes.count == byteCount
        else { return nil }
        func number<Number: FixedWidthInteger>(at offset: Int, _ type: Number.Type) -> Number {
            bytes[offset..<(offset + Number.bitWidth / 8)].reduce(0) { $0 << 8 | Number($1) }
        }
        guard let key = keys.key(withID: number(at: 2, UInt32.self)) else { return nil }
        let signed = Array(bytes.prefix(claimsByteCount))
        guard
            HMAC<SHA256>.isValidAuthenticationCode(
                bytes.suffix(byteCount - claimsByteCount),
                authenticating: authenticated(signed, log: log), using: key)
        else { return nil }
        guard bytes[0] == version, Int32(bytes[1]) == purpose.rawValue else { return nil }
        return TokenClaims(
            verificationID: VerificationID(rawValue: number(at: 30, UInt128.self)),
            userID: UserID(rawValue: number(at: 14, UInt128.self)),
            purpose: purpose,
            expiresAt: Instant(
                microseconds: Int64(bitPattern: number(at: 6, UInt64.self))))
    }

    private static func authenticated(_ claims: [UInt8], log: LogID) -> [UInt8] {
        var data = AssociatedData(domain: "daybook verification token v1")
        data.append(log.rawValue)
        return data.bytes + claims
    }
}
