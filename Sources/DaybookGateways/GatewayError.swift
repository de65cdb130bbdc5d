/// What went wrong with a request to a payment provider; the request had no effect.
///
/// Never a payment failure: that is ``GatewayAnswer/declined(code:reason:)`` (S-035, S-038).
public struct GatewayError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// The key was used before, for another operation or with other parameters.
        case keyReused = "gateway_key_reused"
        /// The reference names no charge of this provider.
        case unknownReference = "gateway_reference_unknown"
        /// The amount is negative, or in another currency than the charge.
        case badAmount = "gateway_amount_invalid"
        /// The embedded bank's ledger cannot be read.
        case ledgerDamaged = "bank_ledger_damaged"
        /// The embedded bank's ledger cannot be written.
        case io = "bank_ledger_io"
    }

    public var code: Code
    /// What failed, where, and what to do.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
