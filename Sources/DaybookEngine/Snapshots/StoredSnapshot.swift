import DaybookCore
import DaybookLog

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
    /// Where the runs are that it names.
    private let storage: (any Storage)?

    /// `nil` for anything but an intact snapshot of today's state schema.
    init?(
        _ bytes: [UInt8], name: String = SnapshotNames.newest, in storage: (any Storage)? = nil
    ) {
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
        guard isReadable == true, let logID, let chain,
            Snapshot.readableVersions.contains(version)
        else { return nil }
        self.logID = logID
        self.position = LogPosition(rawValue: position)
        self.chain = chain
        self.vocabulary = vocabulary
        self.name = name
        self.bytes = bytes
        self.storage = storage
    }

    /// The state in it; `nil` when the bytes, whose hash was right, are another version's, or runs that it
    /// names are not there.
    func decoded() -> Snapshot? { Snapshot(decodingIntact: bytes, in: storage) }

    /// Whether this is the snapshot of that state, each key of its runs looked at.
    ///
    /// - Returns: `nil` when the bytes do not decode: then they are another version's and say nothing; so
    ///   does a run that is damaged, which a store reads from the log again.
    func holds(_ state: EngineState) -> Bool? {
        guard let snapshot = decoded() else { return nil }
        guard snapshot.state == state else { return false }
        return (try? snapshot.state.keys.measuredTally()).map { $0 == state.keys.tally }
    }
}
