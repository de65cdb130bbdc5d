internal import DaybookCore
internal import DaybookEngine
internal import DaybookLog
internal import DaybookSimulator

/// The log as the kit sets it up: small, always the same bytes, one thread.
enum KitLog {
    static var options: EventLogOptions {
        var options = EventLogOptions()
        options.firstSegmentByteCount = EventLogLimits.smallestSegmentByteCount
        options.segmentByteCount = EventLogLimits.smallestSegmentByteCount
        options.codec = .none
        options.indexesInBackground = false
        return options
    }

    static func create(on disk: SimulatedDisk) throws(EventLogError) -> OpenedLog {
        try LogDirectory.create(
            storage: disk, options: options, hash: .sha256,
            clock: { Instant(microseconds: 0) },
            newLogID: LogID(rawValue: 0x0190_0000_0000_7000_8000_0000_0000_0001), salt: .zero)
    }

    static func open(on disk: SimulatedDisk) throws(EventLogError) -> OpenedLog {
        try LogDirectory.open(
            storage: disk, options: options, hash: .sha256, clock: { Instant(microseconds: 0) })
    }
}
