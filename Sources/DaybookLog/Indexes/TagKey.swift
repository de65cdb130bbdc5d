internal import DaybookCore

/// A tag as 128 bits: SipHash-2-4 of its stored form under a secret key.
///
/// Two tags of one log practically never share a key, and nobody who does not know the log's salt
/// can make two that do, so the index need not keep the tags themselves.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 128-bit variant.
struct TagKey: Hashable, Sendable {
    var low: UInt64
    var high: UInt64

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    struct Secret: Sendable {
        var low: UInt64
        var high: UInt64

        init(salt: Digest) {
            (low, high) = salt.withUnsafeBytes { ($0.uint64(at: 0), $0.uint64(at: 8)) }
        }

        init(low: UInt64, high: UInt64) {
            self.low = low
            self.high = high
        }
    }

    init(_ bytes: UnsafeRawBufferPointer, secret: Secret) {
        var state = SipState(secret)
        var offset = 0
        while offset + 8 <= bytes.count {
            state.mix(bytes.uint64(at: offset))
            offset += 8
        }
        let restByteCount = bytes.count - offset
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        if restByteCount > 0, bytes.count >= 8 {
            // The end of the word that ends with them.
            last |= bytes.uint64(at: bytes.count - 8) >> UInt64(8 * (8 - restByteCount))
        } else {
            for index in 0..<restByteCount {
                last |= UInt64(bytes[offset + index]) << UInt64(8 * index)
            }
        }
        state.mix(last)
        (low, high) = state.finish()
    }

    init(_ tag: Tag, secret: Secret) {
        var writer = WireWriter(capacity: 64)
        tag.encode(into: &writer)
        self = writer.withUnsafeBytes { TagKey($0, secret: secret) }
    }

    /// The key of an event type: of its name behind a zero byte, with which no tag begins.
    init(_ type: EventType, secret: Secret) {
        var writer = WireWriter(capacity: 64)
        writer.append(byte: 0)
        writer.append(text: type.rawValue)
        self = writer.withUnsafeBytes { TagKey($0, secret: secret) }
    }
}

extension TagKey {
    /// The key of an event type in one of its schema versions: two zero bytes, the version as a
    /// varint, the name.
    init(_ kind: EventKind, secret: Secret) {
        self.init(version: kind.schemaVersion, of: kind.type, secret: secret)
    }

    /// The key that says that a type's events are listed by schema version too: as of version 0, which
    /// does not exist.
    init(versionsOf type: EventType, secret: Secret) {
        self.init(version: 0, of: type, secret: secret)
    }

    private init(version: UInt32, of type: EventType, secret: Secret) {
        var writer = WireWriter(capacity: 64)
        writer.append(byte: 0)
        writer.append(byte: 0)
        writer.append(varint: UInt64(version))
        writer.append(text: type.rawValue)
        self = writer.withUnsafeBytes { TagKey($0, secret: secret) }
    }
}

extension TagKey: Comparable {
    static func < (left: TagKey, right: TagKey) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ secret: TagKey.Secret) {
        v0 = secret.low ^ 0x736f_6d65_7073_6575
        v1 = secret.high ^ 0x646f_7261_6e64_6f6d ^ 0xEE
        v2 = secret.low ^ 0x6c79_6765_6e65_7261
        v3 = secret.high ^ 0x7465_6462_7974_6573
    }

    mutating func mix(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func finish() -> (UInt64, UInt64) {
        v2 ^= 0xEE
        for _ in 0..<4 { round() }
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xDD
        for _ in 0..<4 { round() }
        return (low, v0 ^ v1 ^ v2 ^ v3)
    }

    private mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
