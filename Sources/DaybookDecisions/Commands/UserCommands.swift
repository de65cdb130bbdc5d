public import DaybookCore

/// Opens an account for an address; it is inactive until the address is verified.
public struct RegisterUser: Hashable, Sendable {
    public static let name = "RegisterUser"
    /// As typed.
    public var email: String
    /// `nil` gives an account that nobody can log in to; for operators and imports only.
    public var password: String?

    public init(email: String, password: String?) {
        self.email = email
        self.password = password
    }
}

/// Redeems a verification link.
public struct VerifyEmail: Hashable, Sendable {
    public static let name = "VerifyEmail"
    public var token: String

    public init(token: String) {
        self.token = token
    }
}

/// Asks for a new verification link; the old one is void.
///
/// It has no effect, and says so to nobody, for an address that is unknown, verified or disabled.
public struct ResendVerification: Hashable, Sendable {
    public static let name = "ResendVerification"
    /// As typed.
    public var email: String

    public init(email: String) {
        self.email = email
    }
}

/// Shuts an account out: it can neither order nor redeem links.
public struct DeactivateUser: Hashable, Sendable {
    public static let name = "DeactivateUser"
    public var user: UserID
    public var reason: String

    public init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }
}

/// Lets a deactivated account in again.
public struct ReactivateUser: Hashable, Sendable {
    public static let name = "ReactivateUser"
    public var user: UserID
    public var reason: String

    public init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }
}
