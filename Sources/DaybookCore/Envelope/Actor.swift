/// Who caused a batch.
public enum Actor: Hashable, Sendable {
    /// An account of the shop.
    case user(UserID)
    /// Daybook itself: a policy, a timer, a restart.
    case system
    /// The payment provider, by reply or by message.
    case gateway
    /// A person who runs the shop; the name is optional.
    case `operator`(String?)
    /// An import of history that happened elsewhere.
    case `import`
}

extension Actor: CustomStringConvertible {
    /// `user:usr_…`, `system`, `gateway`, `operator`, `operator:NAME` or `import`.
    public var description: String {
        switch self {
        case .user(let user): "user:\(user)"
        case .system: "system"
        case .gateway: "gateway"
        case .operator(nil): "operator"
        case .operator(let name?): "operator:\(name)"
        case .import: "import"
        }
    }

    public init?(_ text: some StringProtocol) {
        switch text {
        case "system": self = .system
        case "gateway": self = .gateway
        case "operator": self = .operator(nil)
        case "import": self = .import
        default:
            // Bytes and not characters, for a name may begin with a combining mark.
            if text.utf8.starts(with: "operator:".utf8) {
                self = .operator(String(decoding: text.utf8.dropFirst(9), as: UTF8.self))
            } else if text.utf8.starts(with: "user:".utf8),
                let user = UserID(String(decoding: text.utf8.dropFirst(5), as: UTF8.self))
            {
                self = .user(user)
            } else {
                return nil
            }
        }
    }
}
