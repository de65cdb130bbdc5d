public import DaybookCore
public import DaybookDecisions

/// The payment provider, as far as the order business needs it.
///
/// Three answers, never mixed: the provider said yes, the provider said no, or nobody knows. Only
/// ``GatewayAnswer/declined(code:reason:)`` is a payment failure. Whatever else goes wrong between here
/// and the provider is ``GatewayAnswer/unknown(cause:)`` and is settled by ``lookup(key:)``, never by
/// guessing; a thrown ``GatewayError`` says that the request itself was wrong and had no effect.
///
/// Every call carries a key. The provider acts on a key at most once, for ever: a repeated call with
/// the same key and the same parameters has no second effect.
///
/// Source: DOMAIN.md 3.4; rows S-035, S-038, S-059, S-120, D-03, D-04, D-19, D-23.
public protocol PaymentGateway: Sendable {
    /// Takes or reserves money.
    ///
    /// - Returns: `captured` for capture mode `automatic`, `authorized` for `manual`, `declined`, or
    ///   `unknown`. The amount is what the provider really took: the caller compares it (D-19).
    /// - Throws: ``GatewayError`` when the request was refused as malformed; nothing happened.
    func charge(_ request: ChargeRequest) async throws(GatewayError) -> GatewayAnswer

    /// Takes reserved money, all or part of it.
    ///
    /// - Parameter reference: what ``charge(_:)`` gave with `authorized`.
    /// - Returns: `captured`, `declined` or `unknown`.
    func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer

    /// Lets go of reserved money.
    ///
    /// - Returns: `voided`, `declined` (something is captured already) or `unknown`.
    func void(
        key: String, reference: String, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer

    /// Gives taken money back, all or part of it.
    ///
    /// - Returns: `refunded`, `declined` (more than is left) or `unknown`.
    func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer

    /// What the provider knows about a key; asking has no effect.
    func lookup(key: String) async throws(GatewayError) -> GatewayLookup
}

/// Where messages of the provider arrive that nobody asked for (webhooks).
///
/// Delivery is at least once and in no order: the receiver deduplicates by provider event id.
public protocol GatewayMessageSource: Sendable {
    /// The messages that nobody has acknowledged yet.
    func messages() async -> [GatewayMessage]

    /// Ends the delivery of messages; call it once they are durable on this side.
    func acknowledge(_ providerEventIDs: [String]) async throws(GatewayError)
}
