/// Why bytes are not the frame that should stand there.
package enum FrameDefect: Error, Hashable, Sendable {
    /// The file ends inside the frame.
    case beyondEnd
    /// No frame begins here: the magic is missing. `isZero` tells an empty place from foreign
    /// bytes.
    case noFrame(isZero: Bool)
    case headerChecksum
    /// A reserved byte is not zero.
    case reserved
    case unknownKind(UInt8)
    case unknownCodec(UInt8)
    case unknownFlags(UInt16)
    case badLength
    /// The frame says that it belongs elsewhere: a misdirected write, another segment or log.
    case misplaced(UInt64)
    case foreignSegment
    /// A number is not the one that follows its predecessor.
    case outOfSequence(String, expected: UInt64, found: UInt64)
    case payloadChecksum
    case padding
    case chain
    /// The payload does not decompress to its raw length.
    case decompression
    /// Checksums are right, the content is not what the format says.
    case content(String)
}

extension FrameDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .beyondEnd: "file-ends-inside-frame"
        case .noFrame(let isZero): isZero ? "zero-bytes" : "no-frame"
        case .headerChecksum: "header-checksum"
        case .reserved: "reserved-byte-set"
        case .unknownKind(let kind): "unknown-kind=\(kind)"
        case .unknownCodec(let codec): "unknown-codec=\(codec)"
        case .unknownFlags(let flags): "unknown-flags=\(flags)"
        case .badLength: "bad-length"
        case .misplaced(let offset): "frame-of-offset=\(offset)"
        case .foreignSegment: "frame-of-another-segment"
        case .outOfSequence(let field, let expected, let found):
            "\(field)-expected=\(expected)-found=\(found)"
        case .payloadChecksum: "payload-checksum"
        case .padding: "padding-not-zero"
        case .chain: "chain-broken"
        case .decompression: "decompression"
        case .content(let what): "content(\(what))"
        }
    }

    /// Whether somebody meant to write what stands here: the header is right in itself and in its
    /// place, and no write that a crash tore looks like that.
    var isNeverTorn: Bool {
        switch self {
        case .chain, .decompression, .content, .outOfSequence: true
        default: meansNewerFormat
        }
    }

    /// Whether a newer version of the format could have written this.
    var meansNewerFormat: Bool {
        switch self {
        case .unknownKind, .unknownCodec, .unknownFlags: true
        default: false
        }
    }

    /// Whether a write that was never finished can look like this. Right checksums and chain around
    /// wrong content cannot come from a tear: it was written like that.
    var mayBeTear: Bool {
        switch self {
        case .content, .decompression: false
        default: !meansNewerFormat
        }
    }
}
