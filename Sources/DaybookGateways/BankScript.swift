/// How the embedded bank answers a request.
public enum BankScript: Hashable, Sendable {
    /// Does what is asked.
    case yes
    /// The bank's own no, with a code such as `insufficient_funds`.
    case decline(code: String)
    /// The first request with a key is lost on the way: a timeout after which nothing happened. The
    /// next one with that key arrives and is done.
    case unknown
    /// Every request is lost, and nothing can be asked, as long as this script is in force.
    case down
    /// Times out, but it was done; `lookup`, a repeated request and a message say so.
    case unknownThenCaptured
    /// Times out, and it was declined; `lookup`, a repeated request and a message say so.
    case unknownThenDeclined(code: String)
    /// Does what is asked, and tells it again by two copies of one message.
    case twice
    /// Takes another amount than it was asked for, in minor units (D-19).
    case amount(Int64)
    /// Draws one of the others per key: the same seed and key always give the same answer.
    case random(seed: UInt64, weights: BankWeights)
}

/// How often ``BankScript/random(seed:weights:)`` draws each answer.
public struct BankWeights: Hashable, Sendable {
    public var yes: UInt32
    public var decline: UInt32
    public var unknown: UInt32
    public var late: UInt32
    public var lateDecline: UInt32
    public var twice: UInt32

    /// 80 of 100 go well; every other answer is common enough to be met in a short run.
    public static let usual = BankWeights(
        yes: 80, decline: 8, unknown: 3, late: 3, lateDecline: 2, twice: 4)

    public init(
        yes: UInt32 = 0, decline: UInt32 = 0, unknown: UInt32 = 0, late: UInt32 = 0,
        lateDecline: UInt32 = 0, twice: UInt32 = 0
    ) {
        self.yes = yes
        self.decline = decline
        self.unknown = unknown
        self.late = late
        self.lateDecline = lateDecline
        self.twice = twice
    }

    /// Picks by a number that is spread over all of `UInt64`; `yes` when every weight is zero.
    func pick(_ draw: UInt64) -> BankScript {
        let choices: [(UInt32, BankScript)] = [
            (yes, .yes), (decline, .decline(code: "insufficient_funds")), (unknown, .unknown),
            (late, .unknownThenCaptured),
            (lateDecline, .unknownThenDeclined(code: "insufficient_funds")), (twice, .twice),
        ]
        let total = choices.reduce(0) { $0 + UInt64($1.0) }
        guard total > 0 else { return .yes }
        var rest = draw % total
        for (weight, script) in choices {
            guard rest >= UInt64(weight) else { return script }
            rest -= UInt64(weight)
        }
        return .yes
    }
}

extension BankScript {
    /// The script for one key: draws where this one is random.
    func settled(forKey key: String) -> BankScript {
        guard case .random(let seed, let weights) = self else { return self }
        return weights.pick(SeededDraw.draw(seed: seed, key))
    }
}

// MARK: - Text

extension BankScript: LosslessStringConvertible {
    /// `yes`, `decline:CODE`, `unknown`, `down`, `late`, `late-decline:CODE`, `twice`, `amount:MINOR`,
    /// or `random:SEED` with optional weights: `random:7:yes=80,decline=20`.
    public var description: String {
        switch self {
        case .yes: "yes"
        case .decline(let code): "decline:\(code)"
        case .unknown: "unknown"
        case .down: "down"
        case .unknownThenCaptured: "late"
        case .unknownThenDeclined(let code): "late-decline:\(code)"
        case .twice: "twice"
        case .amount(let minor): "amount:\(minor)"
        case .random(let seed, .usual): "random:\(seed)"
        case .random(let seed, let weights): "random:\(seed):\(weights)"
        }
    }

    /// Reads what `description` writes; a code may be left out. `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count == 2 ? String(parts[1]) : nil
        guard argument != "" else { return nil }
        switch (parts[0], argument) {
        case ("yes", nil): self = .yes
        case ("unknown", nil): self = .unknown
        case ("down", nil): self = .down
        case ("late", nil): self = .unknownThenCaptured
        case ("twice", nil): self = .twice
        case ("decline", let code): self = .decline(code: code ?? "card_declined")
        case ("late-decline", let code):
            self = .unknownThenDeclined(code: code ?? "card_declined")
        case ("amount", let minor?):
            guard let minor = Int64(minor), minor >= 0 else { return nil }
            self = .amount(minor)
        case ("random", let argument?):
            let pieces = argument.split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = pieces.first, let seed = UInt64(first) else { return nil }
            guard pieces.count == 2 else {
                self = .random(seed: seed, weights: .usual)
                return
            }
            guard let weights = BankWeights(String(pieces[1])) else { return nil }
            self = .random(seed: seed, weights: weights)
        default: return nil
        }
    }
}

extension BankWeights: LosslessStringConvertible {
    private static let names: [(String, any WritableKeyPath<BankWeights, UInt32> & Sendable)] = [
        ("yes", \.yes), ("decline", \.decline), ("unknown", \.unknown), ("late", \.late),
        ("late-decline", \.lateDecline), ("twice", \.twice),
    ]

    /// The weights that are not zero: `yes=80,decline=20`.
    public var description: String {
        BankWeights.names.filter { self[keyPath: $0.1] > 0 }
            .map { "\($0.0)=\(self[keyPath: $0.1])" }.joined(separator: ",")
    }

    public init?(_ text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let weight = UInt32(sides[1]),
                let name = BankWeights.names.first(where: { $0.0 == sides[0] })
            else { return nil }
            self[keyPath: name.1] = weight
        }
    }
}
