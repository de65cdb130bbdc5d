internal import Foundation

/// What running a property came to.
public struct PropertyReport: Codable, Hashable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        /// Every case that counted held.
        case held
        /// There is a counterexample.
        case failed
        /// Too many cases were given up for the rest to mean anything.
        case discardedTooMuch
        /// No case was run.
        case ranNothing
    }

    public var property: String
    public var seed: UInt64
    public var verdict: Verdict = .ranNothing
    /// Cases that counted; those of the corpus are not among them.
    public var cases = 0
    public var discarded = 0
    /// Cases of the corpus.
    public var replayed = 0
    public var seconds = 0.0
    /// How many cases carried each label.
    public var labels: [String: Int] = [:]
    public var counterexample: Counterexample?

    public init(property: String, seed: UInt64) {
        self.property = property
        self.seed = seed
    }

    public var hasHeld: Bool { verdict == .held }

    /// The report as JSON with sorted keys.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and finite numbers only, which cannot fail to encode.
        let bytes = (try? encoder.encode(self)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The smallest case found for which a property does not hold.
public struct Counterexample: Codable, Hashable, Sendable {
    /// What the case threw.
    public var message: String
    /// The case in Swift, to be pasted into a test.
    public var source: String
    /// How many events it has, when it is a history or another ``CountsEvents``.
    public var eventCount: Int?
    /// How many commands it has, when it is a history or another ``CountsCommands``.
    public var commandCount: Int?
    /// Runs the case again: ``Property/replay(_:)``.
    public var choices: [UInt64]
    /// How many choices the first failing case had.
    public var firstChoiceCount: Int
    public var shrinkRuns: Int
    /// Whether the first failing case failed again when it was run again.
    public var isReproducible = true
    /// The file from which it runs first the next time.
    public var file: String?
}

/// A value that has a size in events, which reports name.
public protocol CountsEvents {
    var eventCount: Int { get }
}

/// A value that has a size in commands, which reports name.
public protocol CountsCommands {
    var commandCount: Int { get }
}

extension Array: CountsEvents where Element: CountsEvents {
    public var eventCount: Int { reduce(0) { $0 + $1.eventCount } }
}

extension PropertyReport: CustomStringConvertible {
    public var description: String {
        var lines = [headline]
        for (label, count) in labels.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  \(percent(count)) \(label)")
        }
        if let counterexample { lines += counterexample.lines(seed: seed) }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        let time = String(format: "%.2f s", seconds)
        let counts =
            "\(cases) cases, \(discarded) discarded, \(replayed) replayed, \(time), seed \(seed)"
        switch verdict {
        case .held: return "held: \(property): \(counts)"
        case .failed: return "FAILED: \(property): \(counts)"
        case .discardedTooMuch:
            return "FAILED: \(property): too many cases were given up: \(counts). Generate what "
                + "fits instead of filtering it out."
        case .ranNothing:
            return
                "FAILED: \(property): no case was run, or nothing happened in any: \(counts). Give it "
                + "more time, or commands that are not all rejected."
        }
    }

    private func percent(_ count: Int) -> String {
        let share = String(count * 100 / max(1, cases))
        return String(repeating: " ", count: max(0, 3 - share.count)) + share + "%"
    }
}

extension Counterexample {
    func lines(seed: UInt64) -> [String] {
        func indented(_ text: String) -> [String] {
            text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
        }
        var lines = ["  thrown:"] + indented(message)
        let size = eventCount.map { ", \($0) events" } ?? ""
        lines.append(
            "  smallest case (\(choices.count) choices\(size); of \(firstChoiceCount) choices at "
                + "first, in \(shrinkRuns) runs):")
        lines += indented(source)
        if !isReproducible {
            lines.append(
                "  When it was run again it did not fail: it depends on something besides the case."
            )
        }
        if let file { lines.append("  runs first the next time: \(file)") }
        lines.append("  again: DAYBOOK_SEED=\(seed), or property.replay(\(choices))")
        return lines
    }
}

/// A property did not hold. Thrown from a test function, it fails the test in Swift Testing and in
/// XCTest alike.
public struct PropertyFailure: Error, CustomStringConvertible, Sendable {
    public var report: PropertyReport

    public var description: String { "\n" + report.description }
}
