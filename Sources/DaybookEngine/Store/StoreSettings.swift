public import DaybookDecisions
public import DaybookGateways
package import DaybookProjections
import Foundation

/// What a shop decides once, kept in `settings.json` of its store.
///
/// Only what differs from the defaults stands in the file. Decisions that a setting led to are
/// recorded in the events themselves, so a changed setting never changes what was recorded.
public struct StoreSettings: Hashable, Sendable {
    public var shop: ShopSettings
    public var mail: MailComposer
    /// How the embedded bank answers, unless a command says otherwise.
    public var bank: BankScript
    /// At most so many earlier copies of each read model are kept, for questions about the past.
    public var checkpointFiles: Int
    /// The smallest distance between two of them, in events.
    public var checkpointInterval: Int

    public init(
        shop: ShopSettings = ShopSettings(), mail: MailComposer = MailComposer(),
        bank: BankScript = .yes, checkpointFiles: Int = 4, checkpointInterval: Int = 16_384
    ) {
        self.shop = shop
        self.mail = mail
        self.bank = bank
        self.checkpointFiles = checkpointFiles
        self.checkpointInterval = checkpointInterval
    }

    package var checkpointPolicy: CheckpointPolicy {
        CheckpointPolicy(interval: UInt64(max(checkpointInterval, 1)), count: checkpointFiles)
    }

    /// The names in the file, in the order in which they are shown.
    public static let names = [
        "tax_rate_bps", "rounding", "payment_deadline_seconds", "maximum_lines",
        "require_verified_email", "start_processing_when_paid", "password_minimum_length",
        "verification_lifetime_seconds", "unverified_claim_lifetime_seconds", "resends_per_hour",
        "resends_per_day", "order_sender", "account_sender", "verification_page", "bank",
        "checkpoint_files", "checkpoint_interval",
    ]

    /// The value under a name, as text; `nil` for a name that is none.
    public func value(of name: String) -> String? {
        switch name {
        case "tax_rate_bps": shop.taxRate.description
        case "rounding": shop.rounding.name
        case "payment_deadline_seconds": shop.paymentDeadline.map(String.init) ?? "never"
        case "maximum_lines": String(shop.maximumLines)
        case "require_verified_email": String(shop.requireVerifiedEmail)
        case "start_processing_when_paid": String(shop.startProcessingWhenPaid)
        case "password_minimum_length": String(shop.passwordPolicy.minimumLength)
        case "verification_lifetime_seconds": String(shop.verificationLifetime)
        case "unverified_claim_lifetime_seconds": String(shop.unverifiedClaimLifetime)
        case "resends_per_hour": String(shop.resendsPerHour)
        case "resends_per_day": String(shop.resendsPerDay)
        case "order_sender": mail.orderSender
        case "account_sender": mail.accountSender
        case "verification_page": mail.verificationPage
        case "bank": "\(bank)"
        case "checkpoint_files": String(checkpointFiles)
        case "checkpoint_interval": String(checkpointInterval)
        default: nil
        }
    }

    /// Sets the value under a name from text.
    ///
    /// - Throws: `invalidRequest` for an unknown name or a value that it does not take.
    public mutating func set(_ name: String, to text: String) throws(DaybookError) {
        switch name {
        case "tax_rate_bps":
            shop.taxRate = try parsed(name, text, "0 to 100000") {
                Int32($0).flatMap(BasisPoints.init(rawValue:))
            }
        case "rounding":
            shop.rounding = try parsed(name, text, "half_up or half_even") { text in
                Rounding.allCases.first { $0.name == text }
            }
        case "payment_deadline_seconds":
            shop.paymentDeadline = try parsed(name, text, "seconds, or never") { text in
                text == "never" ? .some(nil) : Int64(text).flatMap { $0 > 0 ? .some($0) : nil }
            }
        case "maximum_lines": shop.maximumLines = try count(name, text, 1...10_000)
        case "require_verified_email": shop.requireVerifiedEmail = try flag(name, text)
        case "start_processing_when_paid": shop.startProcessingWhenPaid = try flag(name, text)
        case "password_minimum_length":
            shop.passwordPolicy.minimumLength = try count(name, text, 8...64)
        case "verification_lifetime_seconds":
            shop.verificationLifetime = Int64(try count(name, text, 60...604_800))
        case "unverified_claim_lifetime_seconds":
            shop.unverifiedClaimLifetime = Int64(try count(name, text, 3_600...31_536_000))
        case "resends_per_hour": shop.resendsPerHour = try count(name, text, 1...100)
        case "resends_per_day": shop.resendsPerDay = try count(name, text, 1...1_000)
        case "order_sender": mail.orderSender = try address(name, text)
        case "account_sender": mail.accountSender = try address(name, text)
        case "verification_page":
            mail.verificationPage = try parsed(name, text, "an https:// address") {
                $0.hasPrefix("https://") && !$0.contains("#") ? $0 : nil
            }
        case "bank":
            bank = try parsed(name, text, "yes, decline:CODE, late, …", BankScript.init)
        case "checkpoint_files": checkpointFiles = try count(name, text, 0...64)
        case "checkpoint_interval":
            checkpointInterval = try count(name, text, 1...1_000_000_000)
        default:
            throw DaybookError(
                .invalidRequest,
                "there is no setting '\(name)'; there are: "
                    + StoreSettings.names.joined(separator: ", "))
        }
    }

    private func parsed<Value>(
        _ name: String, _ text: String, _ takes: String, _ parse: (String) -> Value?
    ) throws(DaybookError) -> Value {
        guard let value = parse(text) else {
            throw DaybookError(.invalidRequest, "\(name) takes \(takes), not '\(text)'")
        }
        return value
    }

    private func count(
        _ name: String, _ text: String, _ range: ClosedRange<Int>
    ) throws(DaybookError) -> Int {
        try parsed(name, text, "\(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    private func flag(_ name: String, _ text: String) throws(DaybookError) -> Bool {
        try parsed(name, text, "true or false", Bool.init)
    }

    private func address(_ name: String, _ text: String) throws(DaybookError) -> String {
        try parsed(name, text, "an e-mail address") { text in
            (try? CanonicalEmail(text)).map(\.typed)
        }
    }
}

// MARK: - The file

extension StoreSettings {
    /// Reads the settings of a store; a store without the file has the defaults.
    ///
    /// - Returns: the settings, and the names that stand in the file.
    /// - Throws: `invalidRequest` naming file and setting, `io`.
    package static func load(
        from store: StoreDirectory
    ) throws(DaybookError) -> (settings: StoreSettings, names: Set<String>) {
        var settings = StoreSettings()
        guard FileManager.default.fileExists(atPath: store.settings) else { return (settings, []) }
        guard let data = FileManager.default.contents(atPath: store.settings) else {
            throw DaybookError(.io, "\(store.settings) cannot be read; check its permissions")
        }
        guard let values = try? JSONDecoder().decode([String: String].self, from: data) else {
            throw DaybookError(
                .invalidRequest,
                "\(store.settings) is not a JSON object of texts; mend it or remove it")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            do throws(DaybookError) {
                try settings.set(name, to: value)
            } catch {
                throw DaybookError(.invalidRequest, "\(store.settings): \(error.message)")
            }
        }
        return (settings, Set(values.keys))
    }

    /// Replaces the file by what differs from the defaults.
    package func save(to store: StoreDirectory) throws(DaybookError) {
        let defaults = StoreSettings()
        var values: [String: String] = [:]
        for name in StoreSettings.names where value(of: name) != defaults.value(of: name) {
            values[name] = value(of: name)
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let data = try encoder.encode(values) + Data("\n".utf8)
            try data.write(to: URL(fileURLWithPath: store.settings), options: .atomic)
        } catch {
            throw DaybookError(.io, "\(store.settings) cannot be written: \(error)")
        }
    }
}
