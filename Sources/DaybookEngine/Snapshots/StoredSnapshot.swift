import DaybookCore

/// An intact snapshot as it lies in its file, to hold a state against it.
///
/// Nothing but the few fields in front is decoded: what the log disowns is not worth more.
struct StoredSnapshot {
    let logID: LogID
    let position: LogPosition
    let chain: Digest
    let vocabulary: Digest
    /// The file that it was read from.
    let name: String
    private let bytes: [UInt8]

    /// `nil` for anything but an intact snapshot of today's state schema.
    init?(_ bytes: [UInt8], name: String = SnapshotNames.newest) {
        var logID: LogID?
        var position: UInt64 = 0
        var chain: Digest?
        var version: UInt32 = 0
        var vocabulary = Digest.zero
        let isReadable = Snapshot.withIntactBody(of: bytes) { reader in
            do throws(WireError) {
                while let tag = try reader.nextTag() {
                    switch tag.field {
                    case 1: logID = LogID(rawValue: try reader.identifier(tag))
                    case 2: position = try reader.varint(tag)
                    case 3: chain = try reader.digest(tag)
                    case 4: version = try reader.uint32(tag)
                    case 7: vocabulary = try reader.digest(tag)
                    default: try reader.skip(tag)
                    }
                }
                return true
            } catch {
                return false
            }
        }
        guard isReadable == true, let logID, let chain, version == Snapshot.stateVersion else {
            return nil
        }
        self.logID = logID
        self.position = LogPosition(rawValue: position)
        self.chain = chain
        self.vocabulary = vocabulary
        self.name = name
        self.bytes = bytes
    }

    /// The state in it; `nil` when the bytes, whose hash was right, are another version's.
    func decoded() -> Snapshot? { Snapshot(decodingIntact: bytes) }

    /// Whether this is the snapshot of that state.
    ///
    /// - Returns: `nil` when the bytes do not decode: then they are another version's and say nothing.
    func holds(_ state: EngineState) -> Bool? {
        decoded().map { $0.state == state }
    }
}
