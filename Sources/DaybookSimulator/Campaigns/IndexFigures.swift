import DaybookCore
import DaybookEngine
import DaybookLog
import Dispatch
import Glibc

/// What the indexes of a generated log cost and what they save: five events an order, tagged with
/// order, customer and article.
package struct IndexFigures {
    private let directory: String
    private let orderCount: Int
    private static let types: [EventType] = ["Placed", "Reserved", "Paid", "Packed", "Shipped"]

    package init(directory: String, eventCount: Int) {
        self.directory = directory
        orderCount = eventCount / IndexFigures.types.count
    }

    package func run() throws -> [String] {
        var lines: [String] = []
        let storage = try FileStorage(path: directory, creating: true)
        var options = EventLogOptions()
        options.indexesInBackground = false
        guard let salt = Digest([UInt8](repeating: 3, count: 32)) else { return [] }
        let log = try LogDirectory.create(
            storage: storage, options: options, hash: .sha256,
            clock: { Instant(microseconds: 1) }, newLogID: LogID(rawValue: 1), salt: salt)
        let writing = try timed { try write(to: log) }
        let statistics = log.reader.statistics
        lines.append(
            "log: \(statistics.eventCount) events, \(statistics.segmentCount) segments, "
                + "\(statistics.storedByteCount >> 20) MiB, written in \(writing)")
        var slowest = 0.0
        var total = 0.0
        var isMore = true
        while isMore {
            let start = DispatchTime.now()
            isMore = try log.reader.indexNextSegment()
            let seconds = IndexFigures.seconds(since: start)
            if isMore {
                slowest = max(slowest, seconds)
                total += seconds
            }
        }
        let byteCount = try indexByteCount(statistics.segmentCount, storage)
        let indexed = log.reader.indexedThrough
        lines.append(
            "indexes: \(byteCount >> 20) MiB of \(indexed) events, "
                + "\(Double(byteCount * 100 / Int(indexed)) / 100) bytes an event; written in "
                + "\(IndexFigures.text(total)) together, the slowest in \(IndexFigures.text(slowest))"
        )
        let merkle = log.reader.head
        try log.committer.close()
        lines += try ask(storage, statistics.segmentCount, head: merkle.position)
        return lines
    }

    private func write(to log: OpenedLog) throws {
        // Orders overlap: an order's events are some thousand orders apart.
        let distance = min(2_000, max(1, orderCount / 10))
        let last = orderCount + (IndexFigures.types.count - 1) * distance
        var staged = 0
        for step in 0..<last {
            for (stage, type) in IndexFigures.types.enumerated() {
                let order = step - stage * distance
                guard (0..<orderCount).contains(order) else { continue }
                let metadata = BatchMetadata(
                    recordedAt: Instant(microseconds: Int64(step)), actor: .system, command: "Do")
                _ = try log.writer.stage(metadata) { encoder in
                    encoder.event(
                        type: type, schemaVersion: 1, tags: IndexFigures.tags(of: order)
                    ) { $0.append(text: "order \(order)") }
                }
                staged += 1
            }
            if staged >= 1_000, let group = log.writer.closeGroup() {
                _ = try log.committer.commit(group)
                staged = 0
            }
        }
        if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
    }

    private static func tags(of order: Int) -> [Tag] {
        [
            IndexFigures.tag(of: order),
            Tag(label: "user", identifier: UInt128(order % 50_021)),
            Tag(label: "sku", text: String(order * 7 % 4_001)),
        ]
    }

    private static func tag(of order: Int) -> Tag {
        Tag(label: "order", identifier: UInt128(order) &* 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    }
}

// MARK: - Asking

extension IndexFigures {
    private func ask(_ storage: FileStorage, _ segments: Int, head: LogPosition) throws -> [String]
    {
        var lines: [String] = []
        var cold: [Double] = []
        var opening: [Double] = []
        var nearby: [Double] = []
        var again: [Double] = []
        for round in 0..<20 {
            dropPages(segments)
            let order = orderCount / 21 * (round + 1)
            let start = DispatchTime.now()
            let reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
            opening.append(IndexFigures.seconds(since: start))
            cold.append(try history(of: order, reader))
            nearby.append(try history(of: (order + 12_345) % orderCount, reader))
            again.append(try history(of: order, reader))
        }
        lines.append("open read-only, pages dropped: \(IndexFigures.spread(opening))")
        lines.append(
            "one order, first question of a process, pages dropped: \(IndexFigures.spread(cold))")
        lines.append("another order, second question: \(IndexFigures.spread(nearby))")
        lines.append("the first order again: \(IndexFigures.spread(again))")
        let reader = try LogReader.openReadOnly(storage: storage, hash: .sha256)
        var warm: [Double] = []
        for round in 0..<2_000 { warm.append(try history(of: round * 7_919 % orderCount, reader)) }
        lines.append("2,000 other orders, warm pages: \(IndexFigures.spread(warm))")
        var absent: [Double] = []
        for round in 0..<2_000 {
            let start = DispatchTime.now()
            guard try reader.read(.tag(Tag(label: "none", text: "\(round)"))).isEmpty else {
                throw EventLogError(.damaged, "an order that nobody placed is there")
            }
            absent.append(IndexFigures.seconds(since: start))
        }
        lines.append("2,000 tags that are nowhere: \(IndexFigures.spread(absent))")
        var count = 0
        let wanted = IndexFigures.tag(of: orderCount / 2)
        let scan = try timed {
            try reader.forEachBatch(from: .start, through: nil) { batch in
                try batch.forEachEvent { event in
                    if try event.tags().contains(wanted) { count += 1 }
                }
                return true
            }
        }
        lines.append("the same by a scan: \(count) events in \(scan)")
        return lines
    }

    private func history(of order: Int, _ reader: LogReader) throws -> Double {
        let start = DispatchTime.now()
        let events = try reader.read(.tag(IndexFigures.tag(of: order)))
        let seconds = IndexFigures.seconds(since: start)
        guard events.map(\.type) == IndexFigures.types else {
            throw EventLogError(.damaged, "order \(order) has \(events.count) events")
        }
        return seconds
    }

    /// Asks the operating system to forget the log's files, which were synced or written long ago.
    private func dropPages(_ segments: Int) {
        for segment in 1...UInt64(segments) {
            let names = [
                LogFileName.segment(segment), LogFileName.index(segment),
                LogFileName.group(from: segment),
            ]
            for name in names {
                let descriptor = Glibc.open("\(directory)/\(name)", O_RDONLY)
                guard descriptor >= 0 else { continue }
                fdatasync(descriptor)
                _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
                Glibc.close(descriptor)
            }
        }
    }

    private func indexByteCount(_ segments: Int, _ storage: FileStorage) throws -> Int {
        var sum: UInt64 = 0
        for segment in 1..<UInt64(segments) {
            sum += try storage.open(LogFileName.index(segment), .read).byteCount()
            // Of some there is a group.
            sum += (try? storage.open(LogFileName.group(from: segment), .read).byteCount()) ?? 0
        }
        return Int(sum)
    }
}

// MARK: - Times

extension IndexFigures {
    private func timed(_ body: () throws -> Void) throws -> String {
        let start = DispatchTime.now()
        try body()
        return IndexFigures.text(IndexFigures.seconds(since: start))
    }

    private static func seconds(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    }

    private static func text(_ seconds: Double) -> String {
        let microseconds = Int(seconds * 1e6)
        if microseconds < 10_000 { return "\(microseconds) µs" }
        return microseconds < 10_000_000
            ? "\(microseconds / 1_000) ms" : "\(microseconds / 1_000_000) s"
    }

    private static func spread(_ seconds: [Double]) -> String {
        let sorted = seconds.sorted()
        return
            "median \(text(sorted[sorted.count / 2])), 95 % \(text(sorted[sorted.count * 95 / 100])), "
            + "most \(text(sorted[sorted.count - 1]))"
    }
}
