import DaybookCore
import DaybookDecisions
import DaybookLog

import struct Crypto.SHA256

/// A disposable cache of the state at a position.
///
/// It is used only if log, chain, state schema and its own hash agree; otherwise it is discarded and
/// the log is folded from the start. Losing it costs time, never data.
///
/// ```
/// bytes 0..<8    "DAYSNAP1"
/// then           protobuf: 1 log id, 2 position, 3 chain at the position, 4 snapshot version,
///                7 digest of the upcasters, 8 runs of idempotency keys (repeated, the oldest first),
///                5 image of the shop (repeated: its parts), 6 idempotency keys that are in no run
/// last 32 bytes  SHA-256 of all before
/// ```
struct Snapshot: Sendable {
    var logID: LogID
    var position: LogPosition
    var chain: Digest
    /// The digest of the upcasters by which its events were lifted.
    var vocabulary: Digest
    var state: EngineState

    private static let magic = Array("DAYSNAP1".utf8)
    private static let runField = 8
    static var readableVersions: Set<UInt32> { Shop.readableSnapshotVersions }

    /// Encodes its file piece by piece, so that no buffer grows with the state.
    ///
    /// - Parameters:
    ///   - partByteCount: a piece is handed over when it has so many bytes, and one more field.
    ///   - write: takes the pieces, in order; after an error it is called no more.
    func encode<Failure>(
        partByteCount: Int = Snapshot.partByteCount,
        to write: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = WireWriter(capacity: 1 << 16)
        var hash = SHA256()
        var failure: Failure?
        func handOver(_ writer: inout WireWriter) {
            writer.withUnsafeBytes { bytes in
                guard failure == nil else { return }
                do throws(Failure) { try write(bytes) } catch { failure = error }
            }
            writer.removeAll()
        }
        writer.append(text: "DAYSNAP1")
        writer.field(1, identifier: logID.rawValue)
        writer.field(2, varint: position.rawValue)
        writer.field(3, digest: chain)
        writer.field(4, varint: UInt64(Shop.snapshotVersion))
        writer.field(7, digest: vocabulary)
        // In front of what is long: the files that a snapshot needs are read off its first bytes.
        for identity in state.keys.runs.identities {
            writer.field(Snapshot.runField) { identity.encode(into: &$0) }
        }
        var part = writer.beginMessage(5)
        state.shop.encodeImage(into: &writer) { writer in
            guard writer.byteCount >= partByteCount else { return }
            writer.endMessage(part)
            writer.withUnsafeBytes { hash.update(bufferPointer: $0) }
            handOver(&writer)
            part = writer.beginMessage(5)
        }
        writer.endMessage(part)
        writer.field(6) { state.keys.encodeImage(into: &$0) }
        writer.withUnsafeBytes { hash.update(bufferPointer: $0) }
        hash.finalize().withUnsafeBytes { writer.append(raw: $0) }
        handOver(&writer)
        if let failure { throw failure }
    }

    /// Long enough that the system calls do not count, short enough to stay in a processor's cache.
    static let partByteCount = 1 << 18

    /// `nil` for anything but an intact snapshot of today's state schema whose runs of keys are there.
    ///
    /// - Parameter storage: where the runs are; `nil`: a snapshot that names some is not decoded.
    init?(decoding bytes: [UInt8], in storage: (any Storage)? = nil) {
        // Bytes that our own hash vouches for but that do not decode are another version's.
        let decoded = Snapshot.withIntactBody(of: bytes) { reader in
            try? Snapshot(from: &reader, in: storage)
        }
        guard case .some(.some(let decoded)) = decoded else { return nil }
        self = decoded
    }

    /// The same of bytes whose hash was found to be right.
    init?(decodingIntact bytes: [UInt8], in storage: (any Storage)? = nil) {
        let decoded = Snapshot.withBody(of: bytes) { covered, _ in
            var reader = WireReader(
                UnsafeRawBufferPointer(rebasing: covered[Snapshot.magic.count...]))
            return try? Snapshot(from: &reader, in: storage)
        }
        guard case .some(.some(let decoded)) = decoded else { return nil }
        self = decoded
    }

    /// Reads what stands between magic and hash; `nil` unless both are right.
    static func withIntactBody<Result>(
        of bytes: [UInt8], _ body: (inout WireReader) -> Result
    ) -> Result? {
        let result = withBody(of: bytes) { covered, stored -> Result? in
            guard HashFunction.sha256.digest(covered) == stored else { return nil }
            var reader = WireReader(
                UnsafeRawBufferPointer(rebasing: covered[magic.count...]))
            return body(&reader)
        }
        return result ?? nil
    }

    /// Parts what the hash covers, magic included, from the hash that is stored.
    private static func withBody<Result>(
        of bytes: [UInt8], _ body: (UnsafeRawBufferPointer, Digest) -> Result
    ) -> Result? {
        let bodyCount = bytes.count - Digest.byteCount
        guard bodyCount > magic.count, bytes.starts(with: magic) else { return nil }
        return bytes.withUnsafeBytes { buffer in
            body(
                UnsafeRawBufferPointer(rebasing: buffer[..<bodyCount]),
                Digest(bytes: UnsafeRawBufferPointer(rebasing: buffer[bodyCount...])))
        }
    }

    init(
        logID: LogID, position: LogPosition, chain: Digest, vocabulary: Digest, state: EngineState
    ) {
        self.logID = logID
        self.position = position
        self.chain = chain
        self.vocabulary = vocabulary
        self.state = state
    }

    private init(from reader: inout WireReader, in storage: (any Storage)?) throws(WireError) {
        var logID: LogID?
        var position: UInt64 = 0
        var chain: Digest?
        var version: UInt32 = 0
        var shop = Shop()
        var hasShop = false
        var keys: IdempotencyTable?
        var runs: [KeyRunIdentity] = []
        // Missing in what older programs wrote: no chain has this digest.
        var vocabulary = Digest.zero
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: logID = LogID(rawValue: try reader.identifier(tag))
            case 2: position = try reader.varint(tag)
            case 3: chain = try reader.digest(tag)
            case 4:
                version = try reader.uint32(tag)
                guard Snapshot.readableVersions.contains(version) else {
                    throw .badValue(field: 4)
                }
            case 5:
                var inner = try reader.message(tag)
                try shop.addImage(from: &inner)
                hasShop = true
            case 6:
                var inner = try reader.message(tag)
                keys = try IdempotencyTable(
                    from: &inner, runs: try KeyRuns(opening: runs, in: storage))
            case 7: vocabulary = try reader.digest(tag)
            case Snapshot.runField:
                var inner = try reader.message(tag)
                runs.append(try KeyRunIdentity(from: &inner, of: logID ?? LogID(rawValue: 0)))
            default: try reader.skip(tag)
            }
        }
        guard let logID, let chain, hasShop, let keys, version > 0 else {
            throw .missing(field: 1)
        }
        try shop.finishImage(isVouchedFor: true)
        self.init(
            logID: logID, position: LogPosition(rawValue: position), chain: chain,
            vocabulary: vocabulary, state: EngineState(shop: shop, keys: keys))
    }
}

extension Snapshot {
    /// So many bytes of a file hold all that stands in front of the image of the shop.
    static let headByteCount = 1 << 14

    /// The files of the runs that a snapshot names, read off its first bytes, as far as these are sound: a
    /// snapshot whose head is not needs none.
    static func runFileNames(inHead bytes: [UInt8]) -> Set<String> {
        guard bytes.starts(with: magic) else { return [] }
        var names: Set<String> = []
        bytes.withUnsafeBytes { bytes in
            var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[magic.count...]))
            var logID = LogID(rawValue: 0)
            do throws(WireError) {
                while let tag = try reader.nextTag(), tag.field != 5 {
                    switch tag.field {
                    case 1: logID = LogID(rawValue: try reader.identifier(tag))
                    case runField:
                        var inner = try reader.message(tag)
                        names.insert(try KeyRunIdentity(from: &inner, of: logID).fileName)
                    default: try reader.skip(tag)
                    }
                }
            } catch {
                // Where the head ends, or where it is damaged.
            }
        }
        return names
    }
}

extension UpcasterChain {
    /// Equal for chains that can read the same and lift it by the same steps.
    var digest: Digest {
        Array(summary.utf8).withUnsafeBytes { HashFunction.sha256.digest($0) }
    }
}
