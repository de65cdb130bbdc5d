internal import DaybookCore

extension TableDefinition {
    /// Events that a projector could not take, and those of the same subjects behind them; the same in
    /// every file.
    ///
    /// The payload is kept in today's shape: a file with events of another shape is built anew.
    package static let parkedEvents = TableDefinition(
        name: "parked_events",
        columns: [
            ColumnDefinition("position", .integer),
            // Whose rows wait: an order, a product, a person, a mail.
            ColumnDefinition("subject", .text),
            ColumnDefinition("recorded_at", .time),
            ColumnDefinition("event_type", .text),
            ColumnDefinition("payload", .bytes),
            // Why it could not be taken; none: it waits behind one that could not.
            ColumnDefinition("reason", .text, optional: true),
        ],
        key: ["position", "subject"])
}
