internal import DaybookCore

/// The stored form of an actor: `user=` and 16 bytes for an account, otherwise its text.
///
/// Format: Schemas/log/FORMAT.md, Batch message.
extension Actor {
    private static let userPrefix = Array("user=".utf8)

    func encode(field number: Int, into writer: inout WireWriter) {
        writer.field(number) { writer in
            if case .user(let user) = self {
                user.tag.encode(into: &writer)
            } else {
                writer.append(text: description)
            }
        }
    }

    /// The actors that are one word each, which is all that most batches hold.
    private static let words: [(bytes: [UInt8], actor: Actor)] =
        [.system, .gateway, .operator(nil), .import].map { (Array("\($0)".utf8), $0) }

    private static func word(_ bytes: UnsafeRawBufferPointer) -> Actor? {
        for (word, actor) in words
        where word.withUnsafeBytes({ $0.hasSameBytes(as: bytes) }) {
            return actor
        }
        return nil
    }

    private static func hasUserPrefix(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= userPrefix.count
            && userPrefix.withUnsafeBytes { $0.hasSameBytes(as: bytes.slice(0, $0.count)) }
    }

    /// `nil` when the bytes are no actor.
    init?(stored bytes: UnsafeRawBufferPointer) {
        if Actor.hasUserPrefix(bytes) {
            guard bytes.count == 21 else { return nil }
            self = .user(UserID(rawValue: bytes.identifier(at: 5)))
            return
        }
        if let actor = Actor.word(bytes) {
            self = actor
            return
        }
        guard let text = String(utf8: bytes), !text.hasPrefix("user:"), let actor = Actor(text)
        else { return nil }
        self = actor
    }

    /// Whether `init(stored:)` would read these bytes; makes no strings of those that are usual.
    static func isStored(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if hasUserPrefix(bytes) { return bytes.count == 21 }
        return word(bytes) != nil || Actor(stored: bytes) != nil
    }
}
