/// Where the parts of one store lie.
///
/// ```
/// settings.json   what the shop decided once: tax, deadlines, limits
/// log/            the book of record: segments, mark, lock
/// vault.sqlite    data keys and password verifiers; source data like the log
/// master.key      wraps the vault's keys; may lie elsewhere
/// read-models/    inventory.sqlite, orders.sqlite, users.sqlite: links to numbered files; rebuilt at will
///   checkpoints/  copies at earlier positions, for questions about the past; disposable
/// snapshots/      the decision state at a position, the newest and the one before, with the
///                 idempotency keys that they name; disposable
/// outbox/         mails as .eml files (embedded default)
/// bank/           the fake bank's own books (embedded default)
/// quarantine/     damaged read models, kept for whoever asks why
/// ```
package struct StoreDirectory: Hashable, Sendable {
    package var path: String

    package init(path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    package var settings: String { path + "/settings.json" }
    package var log: String { path + "/log" }
    package var vault: String { path + "/vault.sqlite" }
    package var masterKey: String { path + "/master.key" }
    package var readModels: String { path + "/read-models" }
    package var snapshots: String { path + "/snapshots" }
    package var outbox: String { path + "/outbox" }
    package var bank: String { path + "/bank" }
    package var quarantine: String { path + "/quarantine" }
}
