// Written by Schemas/generate.py from Schemas/mail/v1/events.proto. Edit that, not this.

public import DaybookCore

public enum MailTemplate: Int32, Sendable, CaseIterable {
    /// Subject "Order {id} Confirmed".
    case orderConfirmed = 1
    /// The verification link; the token is derived when the mail is written.
    case verifyEmail = 2
    /// Somebody tried to register an address that has an account.
    case alreadyRegistered = 3

    /// The name on the wire of JSON, SQL and the command line.
    public var name: String {
        switch self {
        case .orderConfirmed: "order_confirmed"
        case .verifyEmail: "verify_email"
        case .alreadyRegistered: "already_registered"
        }
    }
}

/// Intent: send this mail to this user, once per deduplication key.
public struct MailRequested: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "MailRequested"
    public static let schemaVersion: UInt32 = 1

    public var mailID: MailID
    public var template: MailTemplate
    public var userID: UserID
    /// Deduplication is per cause, template and recipient; these name the cause.
    public var orderID: OrderID?
    public var verificationID: VerificationID?

    public init(
        mailID: MailID, template: MailTemplate, userID: UserID, orderID: OrderID? = nil,
        verificationID: VerificationID? = nil
    ) {
        self.mailID = mailID
        self.template = template
        self.userID = userID
        self.orderID = orderID
        self.verificationID = verificationID
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: mailID.rawValue)
        writer.field(2, int: Int64(template.rawValue))
        writer.field(3, identifier: userID.rawValue)
        if let orderID {
            writer.field(4, identifier: orderID.rawValue)
        }
        if let verificationID {
            writer.field(5, identifier: verificationID.rawValue)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var mailID: MailID?
        var template: MailTemplate?
        var userID: UserID?
        var orderID: OrderID?
        var verificationID: VerificationID?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: mailID = MailID(rawValue: try reader.identifier(tag))
            case 2:
                template = try reader.checked(
                    tag, MailTemplate.init(rawValue:), of: try reader.int32(tag))
            case 3: userID = UserID(rawValue: try reader.identifier(tag))
            case 4: orderID = OrderID(rawValue: try reader.identifier(tag))
            case 5: verificationID = VerificationID(rawValue: try reader.identifier(tag))
            default: try reader.skip(tag)
            }
        }
        guard let mailID else { throw .missing(field: 1) }
        guard let template else { throw .missing(field: 2) }
        guard let userID else { throw .missing(field: 3) }
        self.init(
            mailID: mailID, template: template, userID: userID, orderID: orderID,
            verificationID: verificationID
        )
    }
}

public struct MailSent: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "MailSent"
    public static let schemaVersion: UInt32 = 1

    public var mailID: MailID
    public var providerID: String?

    public init(mailID: MailID, providerID: String? = nil) {
        self.mailID = mailID
        self.providerID = providerID
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: mailID.rawValue)
        if let providerID {
            writer.alwaysField(2, text: providerID)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var mailID: MailID?
        var providerID: String?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: mailID = MailID(rawValue: try reader.identifier(tag))
            case 2: providerID = try reader.text(tag)
            default: try reader.skip(tag)
            }
        }
        guard let mailID else { throw .missing(field: 1) }
        self.init(mailID: mailID, providerID: providerID)
    }
}

public struct MailFailed: EventPayload, WireMessage, Hashable, Sendable {
    public static let type: EventType = "MailFailed"
    public static let schemaVersion: UInt32 = 1

    public var mailID: MailID
    public var error: String
    public var willRetry: Bool

    public init(mailID: MailID, error: String, willRetry: Bool) {
        self.mailID = mailID
        self.error = error
        self.willRetry = willRetry
    }

    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: mailID.rawValue)
        writer.field(2, text: error)
        writer.field(3, bool: willRetry)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var mailID: MailID?
        var error: String = ""
        var willRetry: Bool = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: mailID = MailID(rawValue: try reader.identifier(tag))
            case 2: error = try reader.text(tag)
            case 3: willRetry = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let mailID else { throw .missing(field: 1) }
        self.init(mailID: mailID, error: error, willRetry: willRetry)
    }
}
