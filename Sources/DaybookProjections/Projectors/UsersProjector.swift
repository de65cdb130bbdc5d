package import DaybookCore
package import DaybookDecisions
internal import GRDB

/// Fills `users.sqlite`: accounts, address claims, verification links, mail.
package final class UsersProjector: Projector {
    package let file: ReadModelFile
    /// `nil` once closed.
    private var store: UsersStore?
    private var parking: ParkingProjection?

    package init(file: ReadModelFile) throws {
        precondition(file.name == .users, "UsersProjector: this is the file of \(file.name)")
        self.file = file
        self.store = try file.withDatabase { try UsersStore($0) }
        self.parking = try ParkingProjection(file)
    }

    package static let consumedTypes: Set<EventType> = [
        UserRegistered.type, VerificationIssued.type, VerificationVoided.type, EmailVerified.type,
        UserDeactivated.type, UserReactivated.type, MailRequested.type, MailSent.type,
        MailFailed.type,
    ]

    package func project(_ run: [FactBatch], checkpoint: Checkpoint) throws {
        let fresh = try file.unapplied(of: run, upTo: checkpoint)
        guard !fresh.isEmpty else { return }
        guard let store, let parking else { throw file.isClosed }
        try parking.restoringOnFailure {
            try file.transaction(movingTo: checkpoint) { _ in
                try parking.project(fresh) { UsersFold(store: store) }
            }
        }
    }

    package func retryParked(at position: LogPosition?) throws -> RetryResult? {
        guard let store, let parking else { throw file.isClosed }
        var result: RetryResult?
        try parking.restoringOnFailure {
            try file.transaction(movingTo: file.checkpoint) { _ in
                result = try parking.retry(position) { UsersFold(store: store) }
            }
        }
        return result
    }

    package func close() throws {
        store = nil
        parking = nil
        try file.close()
    }
}
