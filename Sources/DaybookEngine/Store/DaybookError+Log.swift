import DaybookCore
import DaybookLog

extension DaybookError {
    /// What an error of the log means to the caller of the engine.
    init(log error: EventLogError) {
        let kind: Kind =
            switch error.code {
            case .notFound, .notALog: .storeNotFound
            case .alreadyExists: .storeExists
            case .locked: .storeLocked
            case .damaged: .damaged
            case .newerFormat: .needsNewerProgram
            case .noSpace: .noSpace
            case .readOnly, .permission: .readOnly
            case .tooLarge, .invalidQuery, .invalidBatch, .afterBeyondHead: .invalidRequest
            case .idempotencyKeyReused: .idempotencyKeyReused
            case .busy: .busy
            case .closed: .closed
            case .poisoned, .io, .fenced: .io
            }
        self.init(kind, error.description)
    }

    /// Wraps whatever the log's reading calls throw.
    init(reading error: any Error) {
        switch error {
        case let error as DaybookError: self = error
        case let error as EventLogError: self.init(log: error)
        default: self.init(.damaged, "a stored batch cannot be read: \(error)")
        }
    }
}
