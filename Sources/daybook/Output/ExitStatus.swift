/// How the program ends, for scripts that branch without reading text.
///
/// Assume `failed` for any number that is not here. Source: INTERFACES.md section 2.
enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Done, nothing wrong.
    case done = 0
    /// Failed, refused by a rule of the business, or declined at a prompt.
    case failed = 1
    /// Completed, and something was found: damage, divergence, rejected rows.
    case findings = 3
    /// Not logged in, or not allowed.
    case notAllowed = 4
    /// An order, user, product, position or projection that is not there.
    case notFound = 5
    /// Another request was there first, or an idempotency key was used for another request.
    case conflict = 6
    /// No store there.
    case noStore = 10
    /// Another process has the store; it is named.
    case storeLocked = 11
    /// The store needs a newer program, or its key is missing.
    case storeUnreadable = 12
    /// Wrong usage of the command line.
    case usage = 64
    /// The data is damaged; the exact range is printed.
    case damaged = 65
    /// An input or output error; the store must be opened again.
    case inputOutput = 74
    /// Temporary: the same command may succeed later.
    case temporary = 75
    case interrupted = 130
    case terminated = 143

    /// One line for `daybook help exit-codes`.
    var meaning: String {
        switch self {
        case .done: "done, nothing wrong"
        case .failed:
            "failed, refused by a rule, or declined at a prompt; assume it for other codes"
        case .findings: "completed with findings: damage, divergence, rejected rows"
        case .notAllowed: "not logged in or not allowed"
        case .notFound: "not found: order, user, product, position, projection"
        case .conflict: "conflict: changed meanwhile, or an idempotency key used for something else"
        case .noStore: "no store there"
        case .storeLocked: "store locked by another process (it is printed)"
        case .storeUnreadable: "store needs a newer program, or its key is missing"
        case .usage: "wrong usage"
        case .damaged: "the data is damaged (the exact range is printed)"
        case .inputOutput: "an input or output error; the log must be opened again"
        case .temporary: "temporary, try again: outcome unknown, no space, busy"
        case .interrupted: "interrupted (Ctrl-C)"
        case .terminated: "terminated (SIGTERM)"
        }
    }
}
