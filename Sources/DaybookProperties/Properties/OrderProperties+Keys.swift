import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookTestKit
internal import Foundation

extension OrderProperties {
    /// A request with a key that others may have used before.
    private struct KeyedRequest: Sendable {
        enum Kind: CaseIterable { case receive, adjust }

        var actor: Int
        var kind: Kind
        var key: Int
        var quantity: Int
        /// The store is closed and opened before it.
        var reopens: Bool

        var command: Command {
            switch kind {
            case .receive: .receiveStock(ReceiveStock(sku: "A", quantity: quantity))
            case .adjust: .adjustStock(AdjustStock(sku: "A", delta: quantity, reason: "count"))
            }
        }

        /// Keys are the actor's own, and the command's.
        var scope: String { "\(actor) \(kind) \(key)" }
    }

    private struct KeyedRequests: CountsCommands, Sendable {
        var requests: [KeyedRequest]

        var commandCount: Int { requests.count }
    }

    static var keys: [OrderProperty] {
        let request = combine(
            Generator<Int>.integer(in: 1...2, towards: 1), Generator<KeyedRequest.Kind>.anyCase,
            Generator<Int>.integer(in: 1...2, towards: 1),
            Generator<Int>.integer(in: 1...2, towards: 1),
            Generator<Bool>.bool
        ).map { KeyedRequest(actor: $0, kind: $1, key: $2, quantity: $3, reopens: $4) }
        let cases = request.array(count: 0...12).map { KeyedRequests(requests: $0) }
        let sentence =
            "given keys that come again, then one effect each, and none for another request"
        return [
            OrderProperty(
                "P-21",
                Property("P-21 P-22 \(sentence)", cases, interleaving: { try await send($0) }),
                caseCount: 12)
        ]
    }

    private static func send(_ stream: KeyedRequests) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/keys-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = DaybookConfiguration(directory: folder)
        configuration.reactors = .manual
        configuration.logOptions.firstSegmentByteCount = 1 << 16
        configuration.logOptions.segmentByteCount = 1 << 16
        try Daybook.create(configuration)
        var daybook = try await Daybook.open(configuration)
        guard let price = ShopWorkload.money(999) else { return }
        _ = try await daybook.execute(
            .addProduct(AddProduct(sku: "A", productName: "A", price: price)),
            as: .operator("0"), key: nil)
        var first: [String: (quantity: Int, positions: ClosedRange<LogPosition>?)] = [:]
        for request in stream.requests {
            if request.reopens {
                try await daybook.close()
                daybook = try await Daybook.open(configuration)
            }
            let before = daybook.head
            let known = first[request.scope]
            do {
                let result = try await daybook.execute(
                    request.command, as: .operator("\(request.actor)"),
                    key: IdempotencyKey("key-\(request.key)"))
                try require(
                    known == nil || known?.quantity == request.quantity,
                    "another request is answered")
                try require(result.isRepeat == (known != nil), "repeated: \(result.isRepeat)")
                if let known {
                    try requireEqual(result.positions, known.positions, "another answer")
                    try requireEqual(daybook.head, before, "a second effect")
                } else {
                    try require(daybook.head > before, "no effect")
                    first[request.scope] = (request.quantity, result.positions)
                }
            } catch let error as DaybookError {
                try require(
                    error.kind == .idempotencyKeyReused && known != nil
                        && known?.quantity != request.quantity, "\(request.command): \(error)")
                try requireEqual(daybook.head, before, "an effect of a reused key")
            }
        }
        try await daybook.close()
    }
}
