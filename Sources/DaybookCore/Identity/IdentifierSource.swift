/// Where new identifiers come from; handed in, so that a replay with the same source gives the same
/// identifiers.
public protocol IdentifierSource {
    /// A new 128-bit identifier, never given out before.
    mutating func next() -> UInt128
}

extension IdentifierSource {
    /// A new identifier of the wanted kind.
    public mutating func make<ID: TypedIdentifier>(_ kind: ID.Type = ID.self) -> ID {
        ID(rawValue: next())
    }
}

/// Composes a UUIDv7 from a time and 74 bits of entropy.
///
/// Source: RFC 9562 section 5.7.
public func timeOrderedIdentifier(at instant: Instant, entropy: UInt128) -> UInt128 {
    let milliseconds = UInt128(UInt64(max(0, instant.microseconds / 1_000)) & 0xFFFF_FFFF_FFFF)
    let randomA = entropy >> 62 & 0xFFF
    let randomB = entropy & 0x3FFF_FFFF_FFFF_FFFF
    return milliseconds << 80 | 0x7 << 76 | randomA << 64 | 0b10 << 62 | randomB
}
