/// The field numbers of `Batch` and `Event` in Schemas/log/batch.proto.
enum BatchField {
    static let recordedAt = 1
    static let actor = 2
    static let command = 3
    static let idempotencyKey = 4
    static let fingerprint = 5
    static let correlationID = 6
    static let causationPosition = 7
    static let eventTypes = 8
    static let tags = 9
    static let events = 10
}

enum EventField {
    static let type = 1
    static let schemaVersion = 2
    static let tags = 3
    static let payload = 4
}
