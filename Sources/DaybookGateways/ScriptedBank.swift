public import DaybookCore
public import DaybookDecisions
import Synchronization

/// The embedded payment provider: a bank that answers by script and never forgets a key.
///
/// It stands for the outside world, so it keeps its own ledger (`ledger.ndjson`) that survives a crash
/// of this process: every line is handed to the kernel before the answer is given. A repeated key has
/// one effect for ever; after a scripted timeout a repeated key gives what really happened. The
/// answers depend on scripts, keys and what the ledger holds only, never on the order of calls for
/// different charges, on a clock or on chance.
///
/// One process at a time may use a ledger: the folder belongs to the log's single writer.
///
/// - Complexity: O(1) and one `write` per call; ``charge(all:)`` shares the `write`.
public final class ScriptedBank: Sendable {
    private let state: Mutex<State>
    private let seed: UInt64

    private struct State: ~Copyable {
        var book = BankBook()
        var script: BankScript
        var nextScripts: [BankScript] = []
        var scriptsByKey: [String: BankScript] = [:]
        var ledger: BankLedgerFile?
        /// A write failed: memory may be ahead of the file, so nothing more is answered.
        var failure: GatewayError?
    }

    /// A bank that lives as long as the value.
    ///
    /// - Parameters:
    ///   - script: the rule for keys that have no script of their own.
    ///   - seed: decides the order in which messages are delivered.
    public init(script: BankScript = .yes, seed: UInt64 = 0) {
        state = Mutex(State(script: script, ledger: nil))
        self.seed = seed
    }

    /// A bank whose ledger is kept in a folder, created if need be.
    ///
    /// - Throws: ``GatewayError`` `.io` or `.ledgerDamaged`, naming file and line.
    /// - Complexity: O(*n*) in the ledger's lines.
    public convenience init(
        directory: String, script: BankScript = .yes, seed: UInt64 = 0
    ) throws(GatewayError) {
        var book = BankBook()
        let ledger = try BankLedgerFile.open(inDirectory: directory) { book.apply($0) }
        self.init(book: book, ledger: ledger, script: script, seed: seed)
    }

    init(book: BankBook, ledger: consuming BankLedgerFile, script: BankScript, seed: UInt64) {
        var opened = State(script: script, ledger: nil)
        opened.book = book
        opened.ledger = consume ledger
        state = Mutex(opened)
        self.seed = seed
    }
}

// MARK: - Requests

extension ScriptedBank: PaymentGateway {
    public func charge(_ request: ChargeRequest) throws(GatewayError) -> GatewayAnswer {
        try answer(.charge(request), key: request.key, at: request.at)
    }

    public func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) throws(GatewayError) -> GatewayAnswer {
        try answer(.capture(reference: reference, amount: amount), key: key, at: instant)
    }

    public func void(
        key: String, reference: String, at instant: Instant
    ) throws(GatewayError) -> GatewayAnswer {
        try answer(.void(reference: reference), key: key, at: instant)
    }

    public func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) throws(GatewayError) -> GatewayAnswer {
        try answer(.refund(reference: reference, amount: amount), key: key, at: instant)
    }

    public func lookup(key: String) throws(GatewayError) -> GatewayLookup {
        state.withLock { state in
            // What was not written may be forgotten: after a failure nothing is known for certain.
            if let failure = state.failure { return .unknown(cause: failure.message) }
            if state.script == .down { return .unknown(cause: ScriptedBank.downCause) }
            guard let entry = state.book.entries[key] else { return .nothing }
            return .answered(entry.answer)
        }
    }

    /// Charges one after another, with one `write` for all.
    ///
    /// - Returns: one result per request, in their order.
    /// - Throws: ``GatewayError`` `.io` when the ledger cannot be written: then every outcome is
    ///   unknown.
    public func charge(
        all requests: [ChargeRequest]
    ) throws(GatewayError) -> [Result<GatewayAnswer, GatewayError>] {
        try state.withLock { (state) throws(GatewayError) in
            var results: [Result<GatewayAnswer, GatewayError>] = []
            results.reserveCapacity(requests.count)
            for request in requests {
                do throws(GatewayError) {
                    results.append(
                        .success(
                            try ScriptedBank.answer(
                                .charge(request), key: request.key, at: request.at, in: &state)))
                } catch {
                    results.append(.failure(error))
                }
            }
            try ScriptedBank.flush(&state)
            return results
        }
    }

    private func answer(
        _ operation: BankLedgerLine.Operation, key: String, at instant: Instant
    ) throws(GatewayError) -> GatewayAnswer {
        try state.withLock { (state) throws(GatewayError) in
            let answer = try ScriptedBank.answer(operation, key: key, at: instant, in: &state)
            try ScriptedBank.flush(&state)
            return answer
        }
    }

    private static let timeoutCause = "timeout: no answer from the bank"
    private static let downCause = "timeout: the bank cannot be reached"

    private static func answer(
        _ operation: BankLedgerLine.Operation, key: String, at instant: Instant,
        in state: inout State
    ) throws(GatewayError) -> GatewayAnswer {
        if let failure = state.failure { throw failure }
        let script = takeScript(forKey: key, in: &state)
        if script == .down { return .unknown(cause: downCause) }
        if let entry = state.book.entries[key] {
            guard entry.operation.asksForTheSame(as: operation) else {
                throw GatewayError(
                    .keyReused,
                    "key '\(key)' was used for another request; use a new key for a new request")
            }
            state.book.noteCall(key: key)
            return entry.answer
        }
        if script == .unknown, !state.book.lostKeys.contains(key) {
            record(BankLedgerLine(key: key, at: instant, fact: .lost), in: &state)
            return .unknown(cause: timeoutCause)
        }
        let settled = script == .unknown ? .yes : script
        let answer = try state.book.decide(operation, key: key, script: settled, at: instant)
        record(
            BankLedgerLine(
                key: key, at: instant, fact: .done(operation, answer, script: settled)),
            in: &state)
        switch settled {
        case .unknownThenCaptured, .unknownThenDeclined: return .unknown(cause: timeoutCause)
        default: return answer
        }
    }

    private static func takeScript(forKey key: String, in state: inout State) -> BankScript {
        if !state.scriptsByKey.isEmpty, let script = state.scriptsByKey[key] {
            return script.settled(forKey: key)
        }
        if !state.nextScripts.isEmpty, state.book.entries[key] == nil {
            return state.nextScripts.removeFirst().settled(forKey: key)
        }
        return state.script.settled(forKey: key)
    }

    private static func record(_ line: BankLedgerLine, in state: inout State) {
        state.ledger?.add(line)
        state.book.apply(line)
    }

    private static func flush(_ state: inout State) throws(GatewayError) {
        do throws(GatewayError) {
            try state.ledger?.flush()
        } catch {
            state.failure = error
            throw error
        }
    }
}

// MARK: - Messages

extension ScriptedBank: GatewayMessageSource {
    /// The messages that nobody has acknowledged yet, each as often as its script says, shuffled by
    /// the seed.
    public func messages() -> [GatewayMessage] {
        state.withLock { state in
            state.book.pending.flatMap { pending in
                (0..<pending.copyCount).map { copy in
                    let name = "\(pending.message.providerEventID)#\(copy)"
                    return (SeededDraw.draw(seed: seed, name), name, pending.message)
                }
            }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map(\.2)
        }
    }

    /// Ends the delivery of messages; unknown ids are ignored.
    public func acknowledge(_ providerEventIDs: [String]) throws(GatewayError) {
        try state.withLock { (state) throws(GatewayError) in
            for id in providerEventIDs {
                guard
                    let pending = state.book.pending.first(where: {
                        $0.message.providerEventID == id
                    })
                else { continue }
                ScriptedBank.record(
                    BankLedgerLine(key: id, at: pending.message.occurredAt, fact: .delivered),
                    in: &state)
            }
            try ScriptedBank.flush(&state)
        }
    }
}

// MARK: - Scripts

extension ScriptedBank {
    /// Sets the rule for keys that have no script of their own.
    public func follow(_ script: BankScript) {
        state.withLock { $0.script = script }
    }

    /// Sets the script of one key, for this process.
    public func follow(_ script: BankScript, forKey key: String) {
        state.withLock { $0.scriptsByKey[key] = script }
    }

    /// Sets the script of the next request with a new key; several calls queue up.
    public func followOnce(_ script: BankScript) {
        state.withLock { $0.nextScripts.append(script) }
    }
}

// MARK: - Spying

extension ScriptedBank {
    /// What was moved, by currency code.
    public var totals: [BankTotals] {
        state.withLock { state in
            state.book.totals.sorted { $0.currency.rawValue < $1.currency.rawValue }
        }
    }

    /// How many requests took money; for ever, not only in this process.
    public var captureCount: Int {
        state.withLock { $0.book.captureCount }
    }

    /// The keys whose requests took money, sorted (P-13).
    public var capturedKeys: [String] {
        state.withLock { state in
            state.book.entries.compactMap { key, entry in
                if case .captured = entry.answer { key } else { nil }
            }.sorted()
        }
    }

    /// How often requests with this key arrived; all that arrived in earlier processes count as one.
    public func callCount(forKey key: String) -> Int {
        state.withLock { $0.book.entries[key]?.callCount ?? 0 }
    }

    /// The charge that arrived under a key.
    public func chargeRequest(forKey key: String) -> ChargeRequest? {
        state.withLock { state in
            guard case .charge(let request)? = state.book.entries[key]?.operation else {
                return nil
            }
            return request
        }
    }
}
