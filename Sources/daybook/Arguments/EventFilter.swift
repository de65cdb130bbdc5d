import DaybookCore

/// What `log search` and `audit` look for. Everything given must hold.
struct EventFilter: Sendable {
    var tags: [Tag] = []
    /// Any of them; none given: every type.
    var types: [EventType] = []
    var actor: Actor?
    /// Both inclusive.
    var from: Moment?
    var to: Moment?

    var firstPosition: LogPosition {
        if case .position(let position) = from { position } else { LogPosition(rawValue: 1) }
    }

    var lastPosition: LogPosition? {
        if case .position(let position) = to { position } else { nil }
    }

    /// Whether events of this batch can be meant. `operator` also means every named operator.
    func admits(_ metadata: BatchMetadata) -> Bool {
        if let actor, actor != metadata.actor {
            guard case .operator(nil) = actor, case .operator = metadata.actor else { return false }
        }
        if case .time(let time) = from, metadata.recordedAt < time { return false }
        if case .time(let time) = to, metadata.recordedAt > time { return false }
        return true
    }

    func admits(_ event: RecordedEvent) -> Bool {
        event.position >= firstPosition && event.position <= lastPosition ?? event.position
            && QueryItem(types: types, tags: tags).matches(type: event.type, tags: event.tags)
    }
}
