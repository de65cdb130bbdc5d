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

    /// The actors that are one word each, which is all that most batches hold.
    private static func word(_ bytes: UnsafeRawBufferPointer) -> Actor? {
        func isSame(_ word: StaticString) -> Bool {
            bytes.hasSameBytes(
                as: UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        }
        if isSame("system") { return .system }
        if isSame("gateway") { return .gateway }
        if isSame("operator") { return .operator(nil) }
        if isSame("import") { return .import }
        return nil
    }

    private static let operatorPrefix = Array("operator:".utf8)

    /// What follows a prefix; `nil` when the bytes do not begin with it.
    private static func rest(
        of bytes: UnsafeRawBufferPointer, behind prefix: [UInt8]
    ) -> UnsafeRawBufferPointer? {
        guard bytes.count >= prefix.count,
            prefix.withUnsafeBytes({ $0.hasSameBytes(as: bytes.slice(0, $0.count)) })
        else { return nil }
        return bytes.slice(prefix.count, bytes.count - prefix.count)
    }

    /// `nil` when the bytes are no actor.
    init?(stored bytes: UnsafeRawBufferPointer) {
        if let user = Actor.rest(of: bytes, behind: Actor.userPrefix) {
            guard user.count == 16 else { return nil }
            self = .user(UserID(rawValue: WireReader.identifier(from: user)))
            return
        }
        if let actor = Actor.word(bytes) {
            self = actor
            return
        }
        if let name = Actor.rest(of: bytes, behind: Actor.operatorPrefix) {
            guard let name = String(utf8: name) else { return nil }
            self = .operator(name)
            return
        }
        return nil
    }

    /// Whether `init(stored:)` would read these bytes; makes no strings of those that are usual.
    static func isStored(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let user = rest(of: bytes, behind: userPrefix) { return user.count == 16 }
        if word(bytes) != nil { return true }
        if let name = rest(of: bytes, behind: operatorPrefix) { return name.isUTF8 }
        return false
    }
}
