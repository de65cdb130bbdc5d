import DaybookProjections

extension Failure {
    /// A question that could not be answered.
    init(_ error: SelectorError) {
        let (status, wayOut): (ExitStatus, [String]) =
            switch error.code {
            case .invalidLimit, .invalidCursor: (.usage, [])
            case .notYet: (.temporary, ["the same command again"])
            case .beyondHead: (.notFound, ["daybook log stats"])
            case .orderNotFound: (.notFound, ["daybook order list"])
            case .userNotFound: (.notFound, ["daybook user list"])
            case .productNotFound: (.notFound, ["daybook product list"])
            case .unavailable:
                (.inputOutput, ["daybook doctor", "daybook projection rebuild --all"])
            }
        self.init(status, code: error.code.rawValue, error.message, wayOut: wayOut)
    }
}
