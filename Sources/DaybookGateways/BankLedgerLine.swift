import DaybookCore
import DaybookDecisions

/// One fact of the embedded bank's ledger, and its form as a line of NDJSON.
struct BankLedgerLine: Hashable {
    enum Operation: Hashable {
        case charge(ChargeRequest)
        case capture(reference: String, amount: Money)
        case void(reference: String)
        case refund(reference: String, amount: Money)
    }

    enum Fact: Hashable {
        /// A request that arrived, and what became of it. `script` is a settled one.
        case done(Operation, GatewayAnswer, script: BankScript)
        /// A request that never arrived.
        case lost
        /// A message was acknowledged; the key is its id.
        case delivered
    }

    var key: String
    var at: Instant
    var fact: Fact
}

extension BankLedgerLine.Operation {
    /// Whether a repeated key asks for the same again; the time may differ.
    func asksForTheSame(as other: BankLedgerLine.Operation) -> Bool {
        switch (self, other) {
        case (.charge(let left), .charge(let right)):
            left.amount == right.amount && left.captureMode == right.captureMode
                && left.customer == right.customer
        default: self == other
        }
    }
}

// MARK: - Text

extension BankLedgerLine {
    /// The line without its line break, after `bytes`.
    func encoded(appendingTo bytes: consuming [UInt8] = []) -> [UInt8] {
        var object = FlatJSONWriter(appendingTo: bytes)
        switch fact {
        case .lost:
            object.add("op", text: "lost")
            object.add("key", text: key)
        case .delivered:
            object.add("op", text: "delivered")
            object.add("key", text: key)
        case .done(let operation, let answer, let script):
            BankLedgerLine.add(operation, key: key, to: &object)
            if script != .yes { object.add("script", text: script.description) }
            BankLedgerLine.add(answer, to: &object)
        }
        object.add("at", number: at.microseconds)
        return object.finish()
    }

    private static func add(_ operation: Operation, key: String, to object: inout FlatJSONWriter) {
        func add(_ amount: Money, to object: inout FlatJSONWriter) {
            object.add("amount", number: amount.minor)
            object.add("currency", text: amount.currency.rawValue)
        }
        switch operation {
        case .charge(let request):
            object.add("op", text: "charge")
            object.add("key", text: key)
            add(request.amount, to: &object)
            object.add("mode", text: request.captureMode.name)
            object.add("customer", text: request.customer.description)
        case .capture(let reference, let amount):
            object.add("op", text: "capture")
            object.add("key", text: key)
            object.add("reference", text: reference)
            add(amount, to: &object)
        case .void(let reference):
            object.add("op", text: "void")
            object.add("key", text: key)
            object.add("reference", text: reference)
        case .refund(let reference, let amount):
            object.add("op", text: "refund")
            object.add("key", text: key)
            object.add("reference", text: reference)
            add(amount, to: &object)
        }
    }

    private static func add(_ answer: GatewayAnswer, to object: inout FlatJSONWriter) {
        switch answer {
        case .authorized(let reference, let amount, let expiresAt):
            object.add("answer", text: "authorized")
            object.add("answer_reference", text: reference)
            object.add("answer_amount", number: amount.minor)
            if let expiresAt { object.add("expires_at", number: expiresAt.microseconds) }
        case .captured(let reference, let amount):
            object.add("answer", text: "captured")
            object.add("answer_reference", text: reference)
            object.add("answer_amount", number: amount.minor)
        case .voided(let reference):
            object.add("answer", text: "voided")
            object.add("answer_reference", text: reference)
        case .refunded(let reference, let amount):
            object.add("answer", text: "refunded")
            object.add("answer_reference", text: reference)
            object.add("answer_amount", number: amount.minor)
        case .declined(let code, let reason):
            object.add("answer", text: "declined")
            object.add("code", text: code)
            object.add("reason", text: reason)
        case .unknown:
            preconditionFailure("BankLedgerLine: the bank itself always knows")
        }
    }

    /// `nil` for anything that ``encoded(appendingTo:)`` does not write.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let object = FlatJSONReader(bytes), let operationName = object.texts["op"],
            let key = object.texts["key"], let microseconds = object.numbers["at"]
        else { return nil }
        self.key = key
        at = Instant(microseconds: microseconds)
        switch operationName {
        case "lost": fact = .lost
        case "delivered": fact = .delivered
        default:
            guard
                let operation = BankLedgerLine.operation(
                    operationName, of: object, key: key, at: at),
                let answer = BankLedgerLine.answer(of: object),
                let script = BankScript(object.texts["script"] ?? "yes")
            else { return nil }
            fact = .done(operation, answer, script: script)
        }
    }

    private static func amount(of object: FlatJSONReader, _ field: String) -> Money? {
        guard let minor = object.numbers[field], let code = object.texts["currency"],
            let currency = Currency(rawValue: code)
        else { return nil }
        return Money(minor: minor, currency: currency)
    }

    private static func operation(
        _ name: String, of object: FlatJSONReader, key: String, at: Instant
    ) -> Operation? {
        let amount = amount(of: object, "amount")
        switch (name, object.texts["reference"], amount) {
        case ("charge", nil, let amount?):
            guard let mode = CaptureMode.allCases.first(where: { $0.name == object.texts["mode"] }),
                let customer = object.texts["customer"].flatMap({ UserID($0) })
            else { return nil }
            return .charge(
                ChargeRequest(
                    key: key, amount: amount, captureMode: mode, customer: customer, at: at))
        case ("capture", let reference?, let amount?):
            return .capture(reference: reference, amount: amount)
        case ("void", let reference?, nil): return .void(reference: reference)
        case ("refund", let reference?, let amount?):
            return .refund(reference: reference, amount: amount)
        default: return nil
        }
    }

    private static func answer(of object: FlatJSONReader) -> GatewayAnswer? {
        let amount = amount(of: object, "answer_amount")
        switch (object.texts["answer"], object.texts["answer_reference"], amount) {
        case ("authorized", let reference?, let amount?):
            return .authorized(
                reference: reference, amount: amount,
                expiresAt: object.numbers["expires_at"].map { Instant(microseconds: $0) })
        case ("captured", let reference?, let amount?):
            return .captured(reference: reference, amount: amount)
        case ("voided", let reference?, nil): return .voided(reference: reference)
        case ("refunded", let reference?, let amount?):
            return .refunded(reference: reference, amount: amount)
        case ("declined", nil, nil):
            guard let code = object.texts["code"], let reason = object.texts["reason"] else {
                return nil
            }
            return .declined(code: code, reason: reason)
        default: return nil
        }
    }
}
