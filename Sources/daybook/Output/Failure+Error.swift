import ArgumentParser
import DaybookEngine
import DaybookGateways
import DaybookLog
import DaybookProjections
import DaybookVault

extension Failure {
    /// Any error as a failure with its exit code: the one place where they are mapped.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as DaybookError: self.init(error)
        case let error as EventLogError: self.init(error)
        case let error as SelectorError: self.init(error)
        case let error as ReadModelError: self.init(error)
        case let error as VaultError: self.init(error)
        case let error as GatewayError:
            self.init(.inputOutput, code: "gateway", "the embedded bank: \(error)")
        case let error as ValidationError: self = .usage(error.message)
        case is CancellationError:
            self =
                Interruption.process.failure
                ?? Failure(.interrupted, code: "interrupted", "interrupted")
        default: self.init(.failed, code: "internal", "unexpected error: \(error)")
        }
    }
}
