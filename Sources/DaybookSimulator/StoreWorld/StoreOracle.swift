package import DaybookCore
import DaybookDecisions

/// What must be in the log, whatever happened: batches that were seen durable, and positions that were
/// acknowledged. Reads the log by the letter of its format, with none of its code.
package final class StoreOracle {
    /// Every batch that was in the log when it was last judged.
    private(set) var known: [NaiveBatch] = []
    /// The last position that anybody was told of.
    private(set) var acknowledged: UInt64 = 0

    package init() {}

    package func acknowledge(_ position: LogPosition) {
        acknowledged = max(acknowledged, position.rawValue)
    }

    /// The log on a disk.
    package static func read(_ disk: SimulatedDisk) throws(StoreViolation) -> [NaiveBatch] {
        do throws(NaiveDefect) {
            return try NaiveLog(names: disk.fileNames, content: disk.bytes).batches
        } catch {
            throw StoreViolation(.wellFormed, "\(error)")
        }
    }

    /// Takes in what is there after a recovery: nothing that was there before may be gone.
    package func judge(_ batches: [NaiveBatch]) throws(StoreViolation) {
        let last = batches.last.map { $0.firstPosition + UInt64($0.events.count) - 1 } ?? 0
        guard last >= acknowledged else {
            throw StoreViolation(
                .acknowledgedIsKept, "the log ends at \(last), \(acknowledged) was acknowledged")
        }
        for (old, new) in zip(known, batches) where old != new {
            throw StoreViolation(.acknowledgedIsKept, "batch \(old.number) is another one now")
        }
        let kept = known.filter { $0.firstPosition <= acknowledged }
        guard batches.count >= kept.count else {
            throw StoreViolation(
                .acknowledgedIsKept, "\(kept.count) batches were seen, \(batches.count) are left")
        }
        known = batches
    }

    /// Every event, decoded.
    static func events(
        of batches: [NaiveBatch]
    ) throws(StoreViolation) -> [(position: UInt64, event: Event)] {
        var events: [(UInt64, Event)] = []
        for batch in batches {
            for (index, stored) in batch.events.enumerated() {
                let position = batch.firstPosition + UInt64(index)
                events.append((position, try decode(stored, at: position)))
            }
        }
        return events
    }

    private static func decode(
        _ stored: NaiveBatch.Event, at position: UInt64
    ) throws(StoreViolation) -> Event {
        let type = EventType(rawValue: String(decoding: stored.type, as: UTF8.self))
        let event = stored.payload.withUnsafeBytes { bytes -> Event? in
            var reader = WireReader(bytes)
            return try? Event(type: type, decoding: &reader)
        }
        guard let event else {
            throw StoreViolation(.wellFormed, "the \(type) at \(position) cannot be decoded")
        }
        return event
    }

    /// The sums of a log.
    package static func reference(of batches: [NaiveBatch]) throws(StoreViolation) -> ReferenceShop
    {
        var shop = ReferenceShop()
        for (position, event) in try events(of: batches) { shop.take(event, at: position) }
        shop.finish()
        if let first = shop.violations.first { throw StoreViolation(.rulesHold, first) }
        return shop
    }
}
