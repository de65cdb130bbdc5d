import DaybookVault

extension DaybookError {
    /// What an error of the vault means to the caller of the engine.
    init(vault error: VaultError) {
        let kind: Kind =
            switch error.code {
            case .notFound, .keyMissing, .wrongKey, .keyExposed, .foreignLog: .keyMissing
            case .alreadyExists: .storeExists
            case .damaged: .damaged
            case .io: .io
            case .readOnly: .readOnly
            case .noDataKey, .erased: .notFound
            case .unusablePassword: .invalidRequest
            case .busy: .busy
            }
        self.init(kind, error.message)
    }
}
