import DaybookCore
import DaybookDecisions
import DaybookGateways

/// Makes the calls that money intents ask for, and says what came of them.
///
/// A call carries the key that was recorded with its intent, so repeating it after a crash has no
/// second effect. Whatever is not a clear yes or no of the provider is `unknown`, never a failure.
struct GatewayReactor: Sendable {
    let gateway: any PaymentGateway

    /// Makes the call of an intent.
    ///
    /// - Returns: what to record; `nil` for intents that are no business of the gateway.
    func perform(_ kind: PendingIntent.Kind, at now: Instant) async -> RecordPaymentOutcome? {
        guard let call = PaymentCall(kind), let payment = kind.paymentID else { return nil }
        do throws(GatewayError) {
            let answer: GatewayAnswer
            switch kind {
            case .charge(let intent):
                answer = try await gateway.charge(
                    ChargeRequest(
                        key: intent.gatewayKey, amount: intent.amount,
                        captureMode: intent.captureMode, customer: intent.userID, at: now))
            case .capture(let intent):
                answer = try await gateway.capture(
                    key: intent.gatewayKey, reference: intent.reference, amount: intent.amount,
                    at: now)
            case .void(let intent):
                answer = try await gateway.void(
                    key: intent.gatewayKey, reference: intent.reference, at: now)
            case .refund(let intent):
                answer = try await gateway.refund(
                    key: intent.gatewayKey, reference: intent.reference, amount: intent.amount,
                    at: now)
            case .mail: return nil
            }
            return RecordPaymentOutcome(
                payment: payment, call: call, outcome: outcome(of: call, answer))
        } catch {
            return RecordPaymentOutcome(
                payment: payment, call: call, outcome: .unknown(cause: error.description))
        }
    }

    /// Asks what became of a call; `nil` when the provider cannot say now.
    func settle(_ kind: PendingIntent.Kind) async -> RecordPaymentOutcome? {
        guard let call = PaymentCall(kind), let payment = kind.paymentID,
            let key = kind.gatewayKey
        else { return nil }
        do throws(GatewayError) {
            switch try await gateway.lookup(key: key) {
            case .nothing:
                return RecordPaymentOutcome(payment: payment, call: call, outcome: .neverReceived)
            case .unknown: return nil
            case .answered(let answer):
                let outcome = outcome(of: call, answer)
                if case .unknown = outcome { return nil }
                return RecordPaymentOutcome(payment: payment, call: call, outcome: outcome)
            }
        } catch {
            return nil
        }
    }

    /// Garbage is not a failure: an answer that does not fit its call leaves the outcome unknown.
    private func outcome(of call: PaymentCall, _ answer: GatewayAnswer) -> PaymentOutcome {
        switch (call, answer) {
        case (.charge, .authorized(let reference, let amount, let expiresAt)):
            .authorized(reference: reference, amount: amount, expiresAt: expiresAt)
        case (.charge, .captured(let reference, let amount)),
            (.capture, .captured(let reference, let amount)):
            .captured(reference: reference, amount: amount)
        case (.void, .voided(let reference)):
            .voided(reference: reference)
        case (.refund, .refunded(let reference, let amount)):
            .refunded(reference: reference, amount: amount)
        case (_, .declined(let code, let reason)):
            .declined(code: code, reason: reason)
        case (_, .unknown) where PlantedBug.unknownTakenAsDeclined.isPlanted:
            .declined(code: "no_answer", reason: "The bank did not answer.")
        case (_, .unknown(let cause)):
            .unknown(cause: cause)
        default:
            .unknown(cause: "the gateway answered \(answer), which is no answer to this call")
        }
    }
}

extension PaymentCall {
    /// The call that an intent asks for; `nil` for mails.
    init?(_ kind: PendingIntent.Kind) {
        switch kind {
        case .charge(let intent): self = .charge(attempt: intent.attempt)
        case .capture(let intent): self = .capture(intent.captureID)
        case .void: self = .void
        case .refund(let intent): self = .refund(intent.refundID)
        case .mail: return nil
        }
    }
}

extension PendingIntent.Kind {
    var paymentID: PaymentID? {
        switch self {
        case .charge(let intent): intent.paymentID
        case .capture(let intent): intent.paymentID
        case .void(let intent): intent.paymentID
        case .refund(let intent): intent.paymentID
        case .mail: nil
        }
    }

    /// What the provider acts on once, for ever.
    var gatewayKey: String? {
        switch self {
        case .charge(let intent): intent.gatewayKey
        case .capture(let intent): intent.gatewayKey
        case .void(let intent): intent.gatewayKey
        case .refund(let intent): intent.gatewayKey
        case .mail: nil
        }
    }
}
