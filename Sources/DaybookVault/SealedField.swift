package import DaybookCore
import DaybookDecisions

/// Which field of which event a sealed value belongs to.
///
/// A sealed value opens as this field only: a box that was copied into another field, event type,
/// person or log is refused. The schema version is the one under which the value was sealed, also
/// after upcasting.
package struct SealedField: Hashable, Sendable {
    package var eventType: EventType
    package var schemaVersion: UInt32
    /// The field's name in the schema.
    package var name: String

    package init(eventType: EventType, schemaVersion: UInt32, name: String) {
        self.eventType = eventType
        self.schemaVersion = schemaVersion
        self.name = name
    }

    /// `UserRegistered.email`.
    package static let registeredEmail = SealedField(
        eventType: UserRegistered.type, schemaVersion: 1, name: "email")
    /// `OrderPlaced.shipping_address`.
    package static let shippingAddress = SealedField(
        eventType: OrderPlaced.type, schemaVersion: 1, name: "shipping_address")
}

/// What a sealed field says when it is read; whoever reads handles all three.
package enum Unsealed: Hashable, Sendable {
    case value(String)
    /// The person's key was destroyed on purpose; nobody will ever read this again.
    case erased
    /// The key should be here and is not: the vault is older than the log. An alarm.
    case keyMissing
}

extension SealedField {
    /// What a box is bound to: a domain string, log id, user, key version, schema version, event type,
    /// field. Numbers are big-endian, texts have their length (4 bytes) in front, so no two different
    /// contexts give the same bytes.
    ///
    /// Source: DOMAIN.md 4.5.
    func associatedData(log: LogID, user: UserID, keyVersion: UInt32) -> [UInt8] {
        var bytes = AssociatedData(domain: "daybook sealed field v1")
        bytes.append(log.rawValue)
        bytes.append(user.rawValue)
        bytes.append(keyVersion)
        bytes.append(schemaVersion)
        bytes.append(eventType.rawValue)
        bytes.append(name)
        return bytes.bytes
    }
}

/// Bytes that a cipher or a MAC is bound to, without ambiguity.
struct AssociatedData {
    private(set) var bytes: [UInt8]

    init(domain: StaticString) {
        bytes = []
        bytes.reserveCapacity(128)
        bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: domain.utf8Start, count: domain.utf8CodeUnitCount))
        bytes.append(0)
    }

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}
