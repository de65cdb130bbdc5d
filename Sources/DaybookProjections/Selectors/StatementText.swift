/// The text of a statement that is always the same: what a connection has prepared for it is found by
/// which object this is, without reading the text.
final class StatementText: Sendable {
    let sql: String

    /// - Note: meant for `static let`; one made for each question would be prepared for each.
    init(_ sql: String) { self.sql = sql }
}
