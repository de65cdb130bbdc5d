import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookLog
import DaybookVault

/// Writes and sends the mails that were asked for.
///
/// The address is unsealed and the token derived here, at the last moment; neither is ever stored
/// beside the sealed field. Sending is at least once, with an id that never changes.
struct MailReactor: Sendable {
    let sender: any MailSender
    let composer: MailComposer
    let vault: Vault
    let reader: LogReader
    private let addresses = SealedAddresses()

    init(sender: any MailSender, composer: MailComposer, vault: Vault, reader: LogReader) {
        self.sender = sender
        self.composer = composer
        self.vault = vault
        self.reader = reader
    }

    /// - Parameter registration: where the recipient's `UserRegistered` stands.
    func perform(
        _ mail: MailRequested, requestedAt position: LogPosition, registration: LogPosition?
    ) async -> MailOutcome {
        do {
            guard let registration else {
                return .failed(error: "the recipient \(mail.userID) is unknown", willRetry: false)
            }
            switch try address(of: mail.userID, registeredAt: registration) {
            case .erased: return .failed(error: "the address was erased", willRetry: false)
            case .keyMissing:
                return .failed(
                    error: "the vault has no key for \(mail.userID): restore the newest vault",
                    willRetry: true)
            case .value(let address):
                var mail = mail
                if PlantedBug.mailIDPerAttempt.isPlanted {
                    mail.mailID = MailID(
                        rawValue: mail.mailID.rawValue ^ UInt128(reader.head.position.rawValue))
                }
                guard let message = try compose(mail, requestedAt: position, to: address) else {
                    return .failed(error: "the mail has nothing to be about", willRetry: false)
                }
                return .sent(providerID: try await sender.send(message).providerID)
            }
        } catch let failure as MailFailure {
            return .failed(error: "\(failure)", willRetry: failure.willRetry)
        } catch {
            return .failed(error: "\(error)", willRetry: true)
        }
    }

    func address(of user: UserID, registeredAt position: LogPosition) throws -> Unsealed {
        let sealed = try addresses.address(of: user, registeredAt: position) {
            guard let batch = try reader.batch(containing: position) else { return nil }
            for fact in try FactBatch(batch, reader.upcasters).facts {
                guard case .userRegistered(let event) = fact.event, event.userID == user
                else { continue }
                return event.email
            }
            return nil
        }
        guard let sealed else { return .keyMissing }
        return try vault.unseal(sealed, for: user, field: .registeredEmail)
    }

    /// `nil` when the cause is missing in the event.
    private func compose(
        _ mail: MailRequested, requestedAt position: LogPosition, to address: String
    ) throws -> OutgoingMail? {
        guard let date = try reader.metadata(ofBatchHolding: position)?.recordedAt else {
            return nil
        }
        switch mail.template {
        case .orderConfirmed:
            return mail.orderID.map {
                composer.orderConfirmed(id: mail.mailID, order: $0, to: address, at: date)
            }
        case .alreadyRegistered:
            return composer.alreadyRegistered(id: mail.mailID, to: address, at: date)
        case .verifyEmail:
            // The link is issued in the batch that asks for its mail.
            guard let batch = try reader.batch(containing: position) else { return nil }
            for fact in try FactBatch(batch, reader.upcasters).facts {
                guard case .verificationIssued(let issued) = fact.event,
                    issued.verificationID == mail.verificationID
                else { continue }
                let token = vault.token(
                    for: issued.verificationID, user: issued.userID, purpose: issued.purpose,
                    expiresAt: issued.expiresAt)
                return composer.verifyEmail(
                    id: mail.mailID, token: token, expiresAt: issued.expiresAt, to: address,
                    at: date)
            }
            return nil
        }
    }
}
