public import DaybookCore
public import DaybookDecisions

/// A message of the payment provider that nobody asked for (webhook).
public struct GatewayMessage: Hashable, Sendable {
    /// The same for every copy of a message.
    public var providerEventID: String
    public var kind: GatewayEventKind
    /// Names the charge, or the refund for refund messages.
    public var reference: String
    /// The idempotency key of the request that this is about. After a timeout it is the only thing
    /// that both sides know.
    public var key: String
    public var amount: Money?
    /// Of a decline or a failed refund.
    public var code: String?
    public var occurredAt: Instant

    public init(
        providerEventID: String, kind: GatewayEventKind, reference: String, key: String,
        amount: Money?, code: String? = nil, occurredAt: Instant
    ) {
        self.providerEventID = providerEventID
        self.kind = kind
        self.reference = reference
        self.key = key
        self.amount = amount
        self.code = code
        self.occurredAt = occurredAt
    }

    /// The message as the provider would send it; `GatewayEventReceived.digest` is its SHA-256.
    public var body: [UInt8] {
        var object = FlatJSONWriter()
        object.add("id", text: providerEventID)
        object.add("kind", text: kind.name)
        object.add("reference", text: reference)
        object.add("key", text: key)
        if let amount {
            object.add("amount", number: amount.minor)
            object.add("currency", text: amount.currency.rawValue)
        }
        if let code { object.add("code", text: code) }
        object.add("occurred_at", text: occurredAt.description)
        return object.finish()
    }
}
