/// An order.
public struct OrderID: TypedIdentifier {
    public static let prefix = "ord"
    public static let tagLabel = "order"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// A person with an account.
public struct UserID: TypedIdentifier {
    public static let prefix = "usr"
    public static let tagLabel = "user"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// One payment of an order; its attempts are numbered.
public struct PaymentID: TypedIdentifier {
    public static let prefix = "pay"
    public static let tagLabel = "payment"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// One dispatch of goods.
public struct ShipmentID: TypedIdentifier {
    public static let prefix = "shp"
    public static let tagLabel = "shipment"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// Goods coming back from one order.
public struct ReturnID: TypedIdentifier {
    public static let prefix = "ret"
    public static let tagLabel = "return"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// One verification link.
public struct VerificationID: TypedIdentifier {
    public static let prefix = "ver"
    public static let tagLabel = "verification"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// One message to one person.
public struct MailID: TypedIdentifier {
    public static let prefix = "mai"
    public static let tagLabel = "mail"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// Money going back from one payment.
public struct RefundID: TypedIdentifier {
    public static let prefix = "ref"
    public static let tagLabel = "refund"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// One capture of an authorised payment.
public struct CaptureID: TypedIdentifier {
    public static let prefix = "cap"
    public static let tagLabel = "capture"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// What several batches have in common, chosen by the caller.
public struct CorrelationID: TypedIdentifier {
    public static let prefix = "cor"
    public static let tagLabel = "correlation"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// The identity of one log, random, fixed when the log is created.
public struct LogID: TypedIdentifier {
    public static let prefix = "log"
    public static let tagLabel = "log"
    public let words: IdentifierWords

    @inlinable
    public init(words: IdentifierWords) {
        self.words = words
    }
}

/// The tag labels whose values are identifiers, with the prefix of their text form.
package let identifierPrefixes: [String: String] = [
    OrderID.tagLabel: OrderID.prefix,
    UserID.tagLabel: UserID.prefix,
    PaymentID.tagLabel: PaymentID.prefix,
    ShipmentID.tagLabel: ShipmentID.prefix,
    ReturnID.tagLabel: ReturnID.prefix,
    VerificationID.tagLabel: VerificationID.prefix,
    MailID.tagLabel: MailID.prefix,
    RefundID.tagLabel: RefundID.prefix,
    CaptureID.tagLabel: CaptureID.prefix,
    CorrelationID.tagLabel: CorrelationID.prefix,
]
