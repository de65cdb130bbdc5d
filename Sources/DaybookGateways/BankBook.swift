import DaybookCore
import DaybookDecisions

/// What the embedded bank holds: a pure fold of its ledger.
struct BankBook {
    struct Entry {
        var operation: BankLedgerLine.Operation
        var answer: GatewayAnswer
        /// How often the key was sent; what happened in earlier processes counts as once.
        var callCount = 1
        /// Of a charge, in minor units.
        var captured: Int64 = 0
        /// Of a charge, in minor units.
        var refunded: Int64 = 0
        /// Of a charge.
        var isVoided = false
    }

    /// A charge that took or reserved money.
    struct Charge {
        var authorized: Money
        var expiresAt: Instant?
        var captured: Int64
        var refunded: Int64
        var isVoided: Bool
    }

    struct PendingMessage {
        var message: GatewayMessage
        var copyCount: Int
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var lostKeys: Set<String> = []
    private(set) var pending: [PendingMessage] = []
    /// A handful, in the order in which the currencies came.
    private(set) var totals: [BankTotals] = []
    private(set) var captureCount = 0

    /// How long a reservation stands, as card networks have it for online payments: seven days.
    static let authorizationSeconds: Int64 = 7 * 86_400

    /// A reference says which key it is of, so that no second table is needed.
    static func reference(ofChargeWithKey key: String) -> String { "ch_" + key }

    private static func key(ofCharge reference: String) -> String? {
        reference.hasPrefix("ch_") ? String(reference.dropFirst(3)) : nil
    }

    static func reference(ofRefundWithKey key: String) -> String { "re_" + key }

    mutating func noteCall(key: String) {
        entries[key]?.callCount += 1
    }
}

// MARK: - Decide

extension BankBook {
    /// What becomes of a request that arrives under a settled script; changes nothing.
    func decide(
        _ operation: BankLedgerLine.Operation, key: String, script: BankScript, at instant: Instant
    ) throws(GatewayError) -> GatewayAnswer {
        switch script {
        case .decline(let code), .unknownThenDeclined(let code):
            return .declined(code: code, reason: BankBook.reason(forCode: code))
        default: break
        }
        switch operation {
        case .charge(let request): return try decide(request, script: script)
        case .capture(let reference, let amount):
            let charge = try charge(reference, in: amount.currency)
            return decideCapture(of: charge, reference: reference, amount: amount, at: instant)
        case .void(let reference):
            let charge = try charge(reference, in: nil)
            if charge.captured > 0 { return BankBook.declined("already_captured") }
            return charge.isVoided
                ? BankBook.declined("already_voided") : .voided(reference: reference)
        case .refund(let reference, let amount):
            let charge = try charge(reference, in: amount.currency)
            guard amount.minor > 0, amount.minor <= charge.captured - charge.refunded else {
                return BankBook.declined("amount_too_large")
            }
            return .refunded(reference: BankBook.reference(ofRefundWithKey: key), amount: amount)
        }
    }

    private func decide(
        _ request: ChargeRequest, script: BankScript
    ) throws(GatewayError) -> GatewayAnswer {
        guard request.amount.minor > 0 else {
            throw GatewayError(
                .badAmount,
                "charge \(request.key): \(request.amount.minor) minor units cannot be charged; "
                    + "send an amount above zero")
        }
        var amount = request.amount
        if case .amount(let minor) = script {
            amount = Money(minor: minor, currency: amount.currency)
        }
        let reference = BankBook.reference(ofChargeWithKey: request.key)
        switch request.captureMode {
        case .automatic: return .captured(reference: reference, amount: amount)
        case .manual:
            return .authorized(
                reference: reference, amount: amount,
                expiresAt: request.at.advanced(bySeconds: BankBook.authorizationSeconds))
        }
    }

    private func decideCapture(
        of charge: Charge, reference: String, amount: Money, at instant: Instant
    ) -> GatewayAnswer {
        if charge.isVoided { return BankBook.declined("charge_voided") }
        if charge.captured >= charge.authorized.minor {
            return BankBook.declined("already_captured")
        }
        if let expiresAt = charge.expiresAt, instant > expiresAt {
            return BankBook.declined("authorization_expired")
        }
        guard amount.minor > 0, amount.minor <= charge.authorized.minor - charge.captured else {
            return BankBook.declined("amount_too_large")
        }
        return .captured(reference: reference, amount: amount)
    }

    private func charge(withReference reference: String) -> Charge? {
        guard let key = BankBook.key(ofCharge: reference), let entry = entries[key],
            case .charge = entry.operation
        else { return nil }
        let authorized: Money
        var expiry: Instant?
        switch entry.answer {
        case .authorized(_, let amount, let expiresAt):
            authorized = amount
            expiry = expiresAt
        case .captured(_, let amount): authorized = amount
        default: return nil
        }
        return Charge(
            authorized: authorized, expiresAt: expiry, captured: entry.captured,
            refunded: entry.refunded, isVoided: entry.isVoided)
    }

    private func charge(
        _ reference: String, in currency: Currency?
    ) throws(GatewayError) -> Charge {
        guard let charge = charge(withReference: reference) else {
            throw GatewayError(
                .unknownReference,
                "no charge '\(reference)' at this bank; send the reference that the charge was "
                    + "answered with")
        }
        guard currency == nil || currency == charge.authorized.currency else {
            throw GatewayError(
                .badAmount,
                "charge '\(reference)' is in \(charge.authorized.currency), "
                    + "not \(currency?.rawValue ?? "")")
        }
        return charge
    }

    static func declined(_ code: String) -> GatewayAnswer {
        .declined(code: code, reason: reason(forCode: code))
    }

    /// The text for people: `insufficient_funds` reads "insufficient funds".
    static func reason(forCode code: String) -> String {
        String(code.map { $0 == "_" ? " " : $0 })
    }
}

// MARK: - Evolve

extension BankBook {
    mutating func apply(_ line: BankLedgerLine) {
        switch line.fact {
        case .lost: lostKeys.insert(line.key)
        case .delivered: pending.removeAll { $0.message.providerEventID == line.key }
        case .done(let operation, let answer, let script):
            var entry = Entry(operation: operation, answer: answer)
            if case .charge = operation, case .captured(_, let amount) = answer {
                entry.captured = amount.minor
            }
            entries[line.key] = entry
            apply(answer, of: operation)
            if let message = BankBook.message(
                about: operation, answer, key: line.key, script: script, at: line.at)
            {
                pending.append(message)
            }
        }
    }

    /// What an answer changes beside its own entry.
    private mutating func apply(_ answer: GatewayAnswer, of operation: BankLedgerLine.Operation) {
        switch (answer, operation) {
        case (.authorized(_, let amount, _), _):
            totals[indexOfTotals(in: amount.currency)].authorized += Int128(amount.minor)
        case (.captured(_, let amount), _):
            totals[indexOfTotals(in: amount.currency)].captured += Int128(amount.minor)
            captureCount += 1
            guard case .capture(let reference, _) = operation else { return }
            changeCharge(reference) { $0.captured += amount.minor }
        case (.refunded(_, let amount), .refund(let reference, _)):
            totals[indexOfTotals(in: amount.currency)].refunded += Int128(amount.minor)
            changeCharge(reference) { $0.refunded += amount.minor }
        case (.voided(let reference), _): changeCharge(reference) { $0.isVoided = true }
        default: break
        }
    }

    private mutating func changeCharge(_ reference: String, _ change: (inout Entry) -> Void) {
        guard let key = BankBook.key(ofCharge: reference), var entry = entries[key] else { return }
        change(&entry)
        entries[key] = entry
    }

    private mutating func indexOfTotals(in currency: Currency) -> Int {
        if let index = totals.firstIndex(where: { $0.currency == currency }) { return index }
        totals.append(BankTotals(currency: currency))
        return totals.count - 1
    }

    private static func message(
        about operation: BankLedgerLine.Operation, _ answer: GatewayAnswer, key: String,
        script: BankScript, at instant: Instant
    ) -> PendingMessage? {
        let copyCount: Int
        switch script {
        case .unknownThenCaptured, .unknownThenDeclined: copyCount = 1
        case .twice: copyCount = 2
        default: return nil
        }
        var message = GatewayMessage(
            providerEventID: "evt_" + key, kind: .captured,
            reference: reference(ofChargeWithKey: key), key: key, amount: nil, occurredAt: instant)
        switch operation {
        case .charge(let request): message.amount = request.amount
        case .capture(let reference, let amount):
            message.reference = reference
            message.amount = amount
        case .void(let reference): message.reference = reference
        case .refund(_, let amount):
            message.reference = reference(ofRefundWithKey: key)
            message.amount = amount
        }
        switch answer {
        case .authorized(_, let amount, _):
            message.kind = .authorized
            message.amount = amount
        case .captured(_, let amount): message.amount = amount
        case .voided: message.kind = .voided
        case .refunded: message.kind = .refunded
        case .declined(let code, _):
            if case .refund = operation {
                message.kind = .refundFailed
            } else {
                message.kind = .declined
            }
            message.code = code
        case .unknown: return nil
        }
        return PendingMessage(message: message, copyCount: copyCount)
    }
}
