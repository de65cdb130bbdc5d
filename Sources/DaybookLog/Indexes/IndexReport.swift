internal import DaybookCore

/// In which state the indexes of sealed segments are. Information, not damage: what is missing or
/// wrong is made anew from the segments.
public struct IndexReport: Hashable, Sendable {
    public var soundCount = 0
    /// Segments that have none.
    public var missing: [UInt64] = []
    public var damaged: [Finding] = []

    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        public var segment: UInt64
        public var reason: String

        public init(segment: UInt64, reason: String) {
            self.segment = segment
            self.reason = reason
        }

        public var description: String {
            "\(LogFileName.index(segment)): \(reason); it will be made anew"
        }
    }

    public init() {}

    /// Looks at one index: its header, or every block.
    mutating func add(_ identity: IndexIdentity, in storage: any Storage, everyBlock: Bool) {
        // A segment without events needs no index.
        guard identity.eventCount > 0 else { return }
        let file = IndexFile(
            name: LogFileName.index(identity.segment), identifier: 0, storage: storage,
            open: OpenIndexFiles())
        do throws(IndexDefect) {
            let index = try SegmentIndex(file: file, cache: IndexBlockCache(), of: identity)
            if everyBlock { try index.checkAll() }
            soundCount += 1
        } catch {
            if error.isMissing {
                missing.append(identity.segment)
            } else {
                damaged.append(Finding(segment: identity.segment, reason: error.description))
            }
        }
    }
}

extension LogReader {
    /// Looks at the files in `index/`, not at what was read of them before.
    ///
    /// - Parameter everyBlock: checks every checksum, not the headers alone.
    package func indexReport(everyBlock: Bool) -> IndexReport {
        var report = IndexReport()
        for record in snapshot().segments {
            guard let identity = shelf.identity(of: record) else { continue }
            report.add(identity, in: storage, everyBlock: everyBlock)
        }
        return report
    }
}
