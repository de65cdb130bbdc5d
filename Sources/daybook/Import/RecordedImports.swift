import DaybookCore
import DaybookDecisions

/// What the log already holds of a history, by the keys of its requests.
///
/// Invoices may have come from another file: an earlier, shorter or longer export of the same
/// orders gives its invoices the same keys.
struct RecordedImports {
    /// Keys of the history's invoices that an import recorded.
    private(set) var invoiceKeys: Set<String> = []
    /// Units that this very content received as opening stock.
    private(set) var ownOpeningUnits: [SKU: Int64] = [:]

    private let askedKeys: Set<String>
    private let stockPrefix: String

    init(of history: OrderHistory) {
        askedKeys = Set(history.invoices.lazy.map(\.key))
        stockPrefix = ImportRequests.stockPrefix(of: history)
    }

    /// Whether a batch can matter; the events of others need not be decoded.
    static func isRelevant(_ metadata: BatchMetadata) -> Bool {
        metadata.actor == .import && metadata.idempotencyKey != nil
    }

    /// Adds a batch; batches come in the order of the log.
    mutating func add(_ metadata: BatchMetadata, _ events: [Event]) {
        guard RecordedImports.isRelevant(metadata), let key = metadata.idempotencyKey else {
            return
        }
        switch metadata.command {
        case ReceiveStock.name:
            guard key.hasPrefix(stockPrefix) else { return }
            for case .stockReceived(let receipt) in events {
                ownOpeningUnits[receipt.sku, default: 0] += receipt.quantity
            }
        case AddProduct.name, RegisterUser.name, VerifyEmail.name: return
        default:
            if askedKeys.contains(key) { invoiceKeys.insert(key) }
        }
    }
}
