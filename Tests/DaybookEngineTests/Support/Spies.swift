import DaybookCore
import DaybookDecisions
import DaybookGateways
import Synchronization

/// The embedded bank with something that happens between its doing and its reply.
final class InterposedBank: PaymentGateway {
    typealias Interlude = @Sendable (ChargeRequest) async -> Void
    typealias CaptureInterlude = @Sendable (GatewayAnswer) async -> GatewayAnswer

    let bank: ScriptedBank
    private let interlude = Mutex<Interlude?>(nil)
    private let captureInterlude = Mutex<CaptureInterlude?>(nil)
    private let recorded = Mutex<[ChargeRequest]>([])
    private let captured = Mutex<[String]>([])

    init(bank: ScriptedBank) {
        self.bank = bank
    }

    var requests: [ChargeRequest] { recorded.withLock { $0 } }
    var captureReferences: [String] { captured.withLock { $0 } }

    func beforeReply(_ interlude: @escaping Interlude) {
        self.interlude.withLock { $0 = interlude }
    }

    /// - Parameter interlude: is given what the bank says to a capture, and returns what it replies.
    func beforeCaptureReply(_ interlude: @escaping CaptureInterlude) {
        captureInterlude.withLock { $0 = interlude }
    }

    func charge(_ request: ChargeRequest) async throws(GatewayError) -> GatewayAnswer {
        recorded.withLock { $0.append(request) }
        let answer = try bank.charge(request)
        await interlude.withLock { $0 }?(request)
        return answer
    }

    func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        captured.withLock { $0.append(reference) }
        let answer = try bank.capture(
            key: key, reference: reference, amount: amount, at: instant)
        return await captureInterlude.withLock { $0 }?(answer) ?? answer
    }

    func void(
        key: String, reference: String, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try bank.void(key: key, reference: reference, at: instant)
    }

    func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try bank.refund(key: key, reference: reference, amount: amount, at: instant)
    }

    func lookup(key: String) async throws(GatewayError) -> GatewayLookup {
        try bank.lookup(key: key)
    }
}

/// A bank whose every request is refused as wrong: the third kind of answer, no failure of payment.
struct BrokenBank: PaymentGateway {
    private let error = GatewayError(.io, "the line to the bank is cut")

    func charge(_ request: ChargeRequest) async throws(GatewayError) -> GatewayAnswer {
        throw error
    }

    func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer { throw error }

    func void(
        key: String, reference: String, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer { throw error }

    func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer { throw error }

    func lookup(key: String) async throws(GatewayError) -> GatewayLookup { throw error }
}

/// A post office that notes what it is given and may be closed for some time.
final class SpyMailSender: MailSender {
    typealias Look = @Sendable (OutgoingMail) -> Void

    private let sent = Mutex<[OutgoingMail]>([])
    private let refused = Mutex<[OutgoingMail]>([])
    private let isClosed = Mutex(false)
    private let look = Mutex<Look?>(nil)

    var mails: [OutgoingMail] { sent.withLock { $0 } }
    var refusedMails: [OutgoingMail] { refused.withLock { $0 } }

    func close() { isClosed.withLock { $0 = true } }
    func open() { isClosed.withLock { $0 = false } }
    func onSend(_ body: @escaping Look) { look.withLock { $0 = body } }

    func send(_ mail: OutgoingMail) async throws(MailFailure) -> MailReceipt {
        guard !isClosed.withLock({ $0 }) else {
            refused.withLock { $0.append(mail) }
            throw .temporary("the post office is closed")
        }
        look.withLock { $0 }?(mail)
        sent.withLock { $0.append(mail) }
        return MailReceipt(providerID: "receipt of \(mail.id)")
    }
}
