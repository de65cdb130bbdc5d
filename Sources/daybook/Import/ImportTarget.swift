import DaybookCore
import DaybookDecisions

/// What an import asks of a daybook; the engine does it, and tests do without one.
protocol ImportTarget {
    /// Decides the requests one after another and returns when all that was recorded is durable.
    ///
    /// - Returns: one outcome per request.
    /// - Throws: when the daybook cannot go on; what was recorded by then stays.
    func record(_ requests: [ImportRequest]) async throws -> [ImportOutcome]

    /// Makes the payments that were asked for, and everything that follows from them.
    func runReactors() async throws

    /// The end is near: what is asked for the end's count should not have far to come.
    func hurryReadModels()

    /// The token of a user's verification link; `nil` where none is open and none was redeemed.
    func verificationToken(for user: UserID) async throws -> String?

    /// The account of an address.
    func user(withEmail email: String) async throws -> UserID?

    /// Whether a product that is there already tracks stock; `nil` where there is none.
    func isStocked(sku: String) async throws -> Bool?

    /// Units at the import's location that no order holds; 0 where there is no such product.
    func availableUnits(sku: String) async throws -> Int64

    /// What the log holds of a history, from this file or others.
    ///
    /// - Complexity: O(*n*) in the batches of the log.
    func recorded(of history: OrderHistory) async throws -> RecordedImports

    /// Counts again, in the log and the read models, what was recorded under these keys.
    func count(_ scope: ImportScope) async throws -> ImportCount
}

/// One or several commands that are recorded together or not at all.
struct ImportRequest: Hashable {
    var commands: [Command]
    var key: String
    /// When it happened.
    var time: Instant
}

/// What became of a request.
enum ImportOutcome: Hashable {
    case recorded(ImportRecord)
    /// The domain said no; nothing of the request was recorded.
    case refused(code: String, message: String)
}

/// What was recorded for a request, now or by an earlier run.
struct ImportRecord: Hashable {
    struct Order: Hashable {
        var id: OrderID
        /// `nil` where there was nothing to pay.
        var payment: PaymentID?
    }

    var isRepeat: Bool
    var order: Order?
    var user: UserID?
}
