package import DaybookCore
package import DaybookDecisions
internal import GRDB

/// Fills `users.sqlite`: accounts, address claims, verification links, mail.
package final class UsersProjector: Projector {
    package let file: ReadModelFile
    /// `nil` once closed.
    private var store: UsersStore?

    package init(file: ReadModelFile) throws {
        precondition(file.name == .users, "UsersProjector: this is the file of \(file.name)")
        self.file = file
        self.store = try file.withDatabase { try UsersStore($0) }
    }

    package static let consumedTypes: Set<EventType> = [
        UserRegistered.type, VerificationIssued.type, VerificationVoided.type, EmailVerified.type,
        UserDeactivated.type, UserReactivated.type, MailRequested.type, MailSent.type,
        MailFailed.type,
    ]

    package func project(_ run: [FactBatch], checkpoint: Checkpoint) throws {
        let fresh = try file.unapplied(of: run, upTo: checkpoint)
        guard !fresh.isEmpty else { return }
        guard let store else { throw file.isClosed }
        try file.transaction(movingTo: checkpoint) { _ in
            var fold = UsersFold(store: store)
            for batch in fresh {
                for fact in batch.facts { try fold.apply(fact) }
            }
            try fold.write()
        }
    }

    package func close() throws {
        store = nil
        try file.close()
    }
}
