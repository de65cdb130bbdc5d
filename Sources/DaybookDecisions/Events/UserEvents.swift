// Written by Schemas/generate.py from Schemas/users/v1/events.proto. Edit that, not this.

public import DaybookCore

public enum VerificationPurpose: Int32, Sendable, CaseIterable {
    case emailVerification = 1

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .emailVerification: "email_verification"
        }
    }
}

public enum VerificationVoidReason: Int32, Sendable, CaseIterable {
    case replaced = 1
    case emailChanged = 2
    case deactivated = 3
    case erased = 4

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .replaced: "replaced"
        case .emailChanged: "email_changed"
        case .deactivated: "deactivated"
        case .erased: "erased"
        }
    }
}

/// An account exists; it is inactive until its address is verified.
public struct UserRegistered: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "UserRegistered"
    public static let schemaVersion: UInt32 = 1

    public var userID: UserID
    /// HMAC-SHA-256 of the canonical address under the index key.
    public var emailDigest: EmailDigest
    /// The address as typed.
    public var email: Sealed

    public init(userID: UserID, emailDigest: EmailDigest, email: Sealed) {
        self.userID = userID
        self.emailDigest = emailDigest
        self.email = email
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: userID.rawValue)
        writer.field(2, digest: emailDigest.digest)
        writer.field(3) { email.encode(into: &$0) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var userID: UserID?
        var emailDigest: EmailDigest?
        var email: Sealed?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: userID = UserID(rawValue: try reader.identifier(tag))
            case 2: emailDigest = EmailDigest(digest: try reader.digest(tag))
            case 3: email = try reader.decode(Sealed.self, tag)
            default: try reader.skip(tag)
            }
        }
        guard let userID else { throw .missing(field: 1) }
        guard let emailDigest else { throw .missing(field: 2) }
        guard let email else { throw .missing(field: 3) }
        self.init(userID: userID, emailDigest: emailDigest, email: email)
    }
}

/// A verification link may be redeemed until it expires. The token itself is derived, never stored.
public struct VerificationIssued: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "VerificationIssued"
    public static let schemaVersion: UInt32 = 1

    public var verificationID: VerificationID
    public var userID: UserID
    public var purpose: VerificationPurpose
    public var emailDigest: EmailDigest
    public var expiresAt: Instant

    public init(
        verificationID: VerificationID, userID: UserID, purpose: VerificationPurpose,
        emailDigest: EmailDigest, expiresAt: Instant
    ) {
        self.verificationID = verificationID
        self.userID = userID
        self.purpose = purpose
        self.emailDigest = emailDigest
        self.expiresAt = expiresAt
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: verificationID.rawValue)
        writer.field(2, identifier: userID.rawValue)
        writer.field(3, int: Int64(purpose.rawValue))
        writer.field(4, digest: emailDigest.digest)
        writer.field(5, int: expiresAt.microseconds)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var verificationID: VerificationID?
        var userID: UserID?
        var purpose: VerificationPurpose?
        var emailDigest: EmailDigest?
        var expiresAt: Instant?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: verificationID = VerificationID(rawValue: try reader.identifier(tag))
            case 2: userID = UserID(rawValue: try reader.identifier(tag))
            case 3:
                purpose = try reader.checked(
                    tag, VerificationPurpose.init(rawValue:), of: try reader.int32(tag))
            case 4: emailDigest = EmailDigest(digest: try reader.digest(tag))
            case 5: expiresAt = Instant(microseconds: try reader.int64(tag))
            default: try reader.skip(tag)
            }
        }
        guard let verificationID else { throw .missing(field: 1) }
        guard let userID else { throw .missing(field: 2) }
        guard let purpose else { throw .missing(field: 3) }
        guard let emailDigest else { throw .missing(field: 4) }
        let expiresAtValue = expiresAt ?? Instant(microseconds: 0)
        self.init(
            verificationID: verificationID, userID: userID, purpose: purpose,
            emailDigest: emailDigest, expiresAt: expiresAtValue
        )
    }
}

/// A verification link is no longer good.
public struct VerificationVoided: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "VerificationVoided"
    public static let schemaVersion: UInt32 = 1

    public var verificationID: VerificationID
    public var reason: VerificationVoidReason
    public var userID: UserID

    public init(verificationID: VerificationID, reason: VerificationVoidReason, userID: UserID) {
        self.verificationID = verificationID
        self.reason = reason
        self.userID = userID
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: verificationID.rawValue)
        writer.field(2, int: Int64(reason.rawValue))
        writer.field(3, identifier: userID.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var verificationID: VerificationID?
        var reason: VerificationVoidReason?
        var userID: UserID?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: verificationID = VerificationID(rawValue: try reader.identifier(tag))
            case 2:
                reason = try reader.checked(
                    tag, VerificationVoidReason.init(rawValue:), of: try reader.int32(tag))
            case 3: userID = UserID(rawValue: try reader.identifier(tag))
            default: try reader.skip(tag)
            }
        }
        guard let verificationID else { throw .missing(field: 1) }
        guard let reason else { throw .missing(field: 2) }
        guard let userID else { throw .missing(field: 3) }
        self.init(verificationID: verificationID, reason: reason, userID: userID)
    }
}

/// The link was redeemed: the account's address is proven.
public struct EmailVerified: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "EmailVerified"
    public static let schemaVersion: UInt32 = 1

    public var userID: UserID
    public var verificationID: VerificationID

    public init(userID: UserID, verificationID: VerificationID) {
        self.userID = userID
        self.verificationID = verificationID
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: userID.rawValue)
        writer.field(2, identifier: verificationID.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var userID: UserID?
        var verificationID: VerificationID?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: userID = UserID(rawValue: try reader.identifier(tag))
            case 2: verificationID = VerificationID(rawValue: try reader.identifier(tag))
            default: try reader.skip(tag)
            }
        }
        guard let userID else { throw .missing(field: 1) }
        guard let verificationID else { throw .missing(field: 2) }
        self.init(userID: userID, verificationID: verificationID)
    }
}

/// The account may not order or redeem links until it is reactivated.
public struct UserDeactivated: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "UserDeactivated"
    public static let schemaVersion: UInt32 = 1

    public var userID: UserID
    public var reason: String

    public init(userID: UserID, reason: String) {
        self.userID = userID
        self.reason = reason
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: userID.rawValue)
        writer.field(2, text: reason)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var userID: UserID?
        var reason: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: userID = UserID(rawValue: try reader.identifier(tag))
            case 2: reason = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let userID else { throw .missing(field: 1) }
        self.init(userID: userID, reason: reason)
    }
}

public struct UserReactivated: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "UserReactivated"
    public static let schemaVersion: UInt32 = 1

    public var userID: UserID
    public var reason: String

    public init(userID: UserID, reason: String) {
        self.userID = userID
        self.reason = reason
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: userID.rawValue)
        writer.field(2, text: reason)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var userID: UserID?
        var reason: String = ""
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: userID = UserID(rawValue: try reader.identifier(tag))
            case 2: reason = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let userID else { throw .missing(field: 1) }
        self.init(userID: userID, reason: reason)
    }
}
