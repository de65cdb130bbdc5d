import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine

/// `daybook payment ingest`
struct PaymentIngest: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Take in one message of the bank, as it would be sent.",
        discussion: """
            daybook payment ingest message.json

            {"id":"evt_1","kind":"captured","reference":"ch_1","key":"…","amount":999,
             "currency":"GBP","occurred_at":"2026-11-23T12:00:00Z"}

            kind is one of authorized, captured, declined, voided, refunded, refund_failed. A copy of \
            a message changes nothing.
            """)

    @Argument(help: "The file; - is standard input.")
    var file: String

    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        let source = InputSource(file)
        let command = try GatewayMessageFile.command(
            try source.read(limit: 65_536), name: source.name)
        let asked = engine
        let session = StoreSession(options: engine, global: global, output: output)
        let result = try await session.run { daybook in
            try await daybook.execute(
                .ingestGatewayEvent(command), as: .gateway, key: asked.key)
        }
        return .shown(ResultRecord.record(result))
    }
}

/// A message of the bank as JSON.
enum GatewayMessageFile {
    static func command(_ bytes: [UInt8], name: String) throws(Failure) -> IngestGatewayEvent {
        let node: JSONNode
        do throws(JSONSyntaxError) {
            node = try JSONParser.parse(bytes)
        } catch {
            throw .malformed(error, in: bytes, name: name)
        }
        do throws(FieldError) {
            return try event(node, bytes)
        } catch {
            throw Failure(
                .failed, code: "validation_failed", "\(name): \(error.path) \(error.problem)",
                details: ["field": .text(error.path), "problem": .text(error.problem)])
        }
    }

    private static func event(
        _ node: JSONNode, _ bytes: [UInt8]
    ) throws(FieldError) -> IngestGatewayEvent {
        var reader = try ObjectReader(node)
        let id = try reader.text("id")
        let kind = try reader.value("kind", "a kind of message") { name in
            GatewayEventKind.allCases.first { $0.name == name }
        }
        let reference = try reader.text("reference")
        let key = try reader.optionalText("key")
        let minor = try reader.optionalInteger("amount")
        let currency = try reader.optionalValue("currency", "a currency of ISO 4217") {
            Currency($0)
        }
        // The bank's word for a decline; the digest below covers it.
        _ = try reader.optionalText("code")
        let occurredAt = try reader.value("occurred_at", "a time (ISO 8601)") { Instant($0) }
        try reader.finish()
        var amount: Money?
        if let minor {
            guard let currency else {
                throw FieldError(path: "currency", problem: "is missing", byteOffset: 0)
            }
            amount = Money(minor: Int64(minor), currency: currency)
        }
        return IngestGatewayEvent(
            providerEventID: id, kind: kind, reference: key ?? reference,
            // Refund messages name the refund, all others the payment.
            paymentReference: kind == .refunded || kind == .refundFailed ? nil : reference,
            amount: amount, occurredAt: occurredAt,
            digest: bytes.withUnsafeBytes { HashFunction.sha256.digest($0) })
    }
}
