import Crypto
import DaybookCore
import Testing

@testable import DaybookVault

@Suite struct `Keyed hash` {
    /// RFC 4231, test cases 1 and 2.
    @Test(
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
        ])
    func `given a published example, then the digest is the published one`(
        key: [UInt8], text: String, digest: String
    ) {
        let hash = KeyedHash(key: SymmetricKey(data: key))
        #expect(Array(text.utf8).withUnsafeBytes { hash.digest($0) }.description == digest)
    }

    @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 119, 1_000])
    func `given bytes of any length, then it is the HMAC of them, again and again`(count: Int) {
        let key = SymmetricKey(data: SeededEntropy(seed: 3).bytes(32))
        let bytes = SeededEntropy(seed: 4).bytes(count)
        let hash = KeyedHash(key: key)
        let expected = Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        for _ in 0..<2 {
            #expect(bytes.withUnsafeBytes { hash.digest($0) }.bytes == expected)
        }
    }

    @Test func `given a key of a whole block, then it is the HMAC under it`() {
        let key = SymmetricKey(data: SeededEntropy(seed: 5).bytes(64))
        let bytes: [UInt8] = [1, 2, 3]
        let expected = Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        #expect(bytes.withUnsafeBytes { KeyedHash(key: key).digest($0) }.bytes == expected)
    }
}
