package import DaybookCore

extension UpcasterChain {
    /// Today's chain; every type is in its first version, so there is nothing to lift yet.
    ///
    /// The one place where steps are added: whoever opens a log gets this chain with it.
    package static let current = UpcasterChain(currentVersions: EventSchema.current.latestVersions)
}

extension EventSchema {
    /// The highest schema version of every event type in the set.
    package var latestVersions: [EventType: UInt32] {
        var versions: [EventType: UInt32] = [:]
        for message in eventMessages {
            let type = EventType(rawValue: message.name)
            versions[type] = max(versions[type] ?? 0, message.eventVersion)
        }
        return versions
    }
}
