internal import DaybookCore

/// The stored form of an actor: `user=` and 16 bytes for an account, otherwise its text.
///
/// Format: Schemas/log/FORMAT.md, Batch message.
extension Actor {
    private static let userPrefix = Array("user=".utf8)

    func encode(field number: Int, into writer: inout WireWriter) {
        writer.field(number) { writer in
            switch self {
            case .user(let user):
                writer.append(text: "user=")
                writer.append(identifier: user.rawValue)
            case .operator(let name?):
                writer.append(text: "operator:")
                writer.append(text: name)
            case .system, .gateway, .operator(nil), .import:
                writer.append(text: description)
            }
        }
    }

    /// `nil` when the bytes are no actor.
    init?(stored bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: Actor.userPrefix) {
            guard bytes.count == 21 else { return nil }
            self = .user(UserID(rawValue: bytes.identifier(at: 5)))
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.hasPrefix("user:"),
            let actor = Actor(text)
        else { return nil }
        self = actor
    }
}
