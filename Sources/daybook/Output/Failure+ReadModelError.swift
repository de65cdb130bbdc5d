import DaybookProjections
import DaybookVault

extension Failure {
    /// A read model's file that cannot be used.
    init(_ error: ReadModelError) {
        self.init(
            error.isTransient ? .temporary : .inputOutput, code: "read_model_unavailable",
            error.description, wayOut: ["daybook doctor", "daybook projection rebuild --all"])
    }

    /// The vault, as far as reading commands meet it.
    init(_ error: VaultError) {
        self.init(.storeUnreadable, code: "key_missing", error.message, wayOut: ["daybook doctor"])
    }
}
