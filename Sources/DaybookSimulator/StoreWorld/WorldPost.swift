import DaybookCore
import DaybookGateways

/// The post office of a simulated world: takes mails, is closed for a while, and remembers everything.
final class WorldPost: MailSender {
    private unowned let world: StoreWorld
    /// In the order in which they were accepted.
    private(set) var accepted: [OutgoingMail] = []
    private(set) var receiptsUnderway = 0
    var isClosed = false

    init(world: StoreWorld) {
        self.world = world
    }

    func send(_ mail: OutgoingMail) async throws(MailFailure) -> MailReceipt {
        await world.travel()
        guard !world.isDead, !isClosed else {
            if !world.isDead { world.note(.mailRefused) }
            throw .temporary("the post office is closed")
        }
        if accepted.contains(where: { $0.id == mail.id }) { world.note(.mailTwice) }
        if world.phase == .opening { world.note(.leftOverIntent) }
        accepted.append(mail)
        world.checkMail(mail)
        receiptsUnderway += 1
        await world.travel()
        receiptsUnderway -= 1
        guard !world.isDead else { throw .temporary("the line is broken") }
        return MailReceipt(providerID: "receipt of \(mail.id)")
    }

    /// The process is gone; nobody waits for receipts.
    func forgetProcess() { receiptsUnderway = 0 }
}

/// Unchecked: a simulation has one thread, and senders must be `Sendable`.
extension WorldPost: @unchecked Sendable {}
