import Crypto
import CryptoExtras
import Foundation

/// AES-256-GCM-SIV: nonce (12 bytes), ciphertext, tag (16 bytes).
///
/// The nonce is handed in. SIV is chosen because a nonce that comes twice, as with seeded entropy or a
/// restored machine image, then only shows that two equal texts are equal; with plain GCM it would
/// give both texts and the authentication key away.
///
/// Source: RFC 8452.
enum SealedBox {
    static let nonceByteCount = 12
    static let tagByteCount = 16

    static func seal(
        _ plaintext: [UInt8], using key: SymmetricKey, nonce: [UInt8], bindingTo data: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        do {
            let box = try AES.GCM._SIV.seal(
                plaintext, using: key, nonce: AES.GCM._SIV.Nonce(data: nonce),
                authenticating: data)
            return Array(box.combined)
        } catch {
            throw VaultError(.io, "the cipher failed (\(error)); check the machine's memory")
        }
    }

    /// `nil` when the box was not made by this key for this context, or is not a box at all.
    static func open(
        _ box: [UInt8], using key: SymmetricKey, bindingTo data: [UInt8]
    ) -> [UInt8]? {
        guard box.count >= nonceByteCount + tagByteCount,
            let sealed = try? AES.GCM._SIV.SealedBox(combined: box),
            let plaintext = try? AES.GCM._SIV.open(sealed, using: key, authenticating: data)
        else { return nil }
        return Array(plaintext)
    }
}
