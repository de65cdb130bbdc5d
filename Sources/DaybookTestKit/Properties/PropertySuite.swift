internal import Foundation

/// Properties that are run together for a time: in a test, in a program of one's own, or on a machine
/// that has nothing else to do over night.
///
/// ```swift
/// // main.swift
/// exit(PropertySuite("Lending", properties).command(Array(CommandLine.arguments.dropFirst())))
/// ```
public struct PropertySuite {
    public let name: String
    public let properties: [Property]

    public init(_ name: String, _ properties: [Property]) {
        self.name = name
        self.properties = properties
    }

    /// Runs every property for an equal part of the time; what one leaves over goes to those after it.
    ///
    /// - Parameters:
    ///   - budget: for all together. Making a failure small may take longer.
    ///   - options: `cases` is the most that one property runs.
    public func run(
        for budget: Duration, _ options: PropertyOptions = PropertyOptions(cases: .max)
    ) -> SuiteReport {
        let clock = ContinuousClock()
        let end = clock.now + budget
        var report = SuiteReport(suite: name)
        for (index, property) in properties.enumerated() {
            var options = options
            let rest = end - clock.now
            // At least one case each: a property that is never run holds nothing.
            options.budget = max(rest / (properties.count - index), .milliseconds(1))
            report.properties.append(property.run(options))
        }
        return report
    }

    /// Runs the suite as a command: `[--seconds N] [--seed N] [--cases N] [--corpus FOLDER]
    /// [--only TEXT] [--json]`.
    ///
    /// - Parameters:
    ///   - arguments: without the name of the program.
    ///   - output: takes the report, line by line.
    /// - Returns: the exit code: 0 when all hold, 1 when one does not, 2 for arguments that it does not
    ///   know.
    public func command(
        _ arguments: [String], output: (String) -> Void = { print($0) }
    ) -> Int32 {
        guard let wish = SuiteArguments(arguments) else {
            output(
                "usage: [--seconds N] [--seed N] [--cases N] [--corpus FOLDER] [--only TEXT] "
                    + "[--json]")
            return 2
        }
        let chosen = properties.filter { wish.only.map($0.name.contains) ?? true }
        guard !chosen.isEmpty else {
            output("no property has '\(wish.only ?? "")' in its name")
            return 2
        }
        let report = PropertySuite(name, chosen).run(for: .seconds(wish.seconds), wish.options)
        output(wish.isJSON ? report.json : report.description)
        return report.hasHeld ? 0 : 1
    }
}

/// What running a suite came to.
public struct SuiteReport: Codable, Hashable, Sendable {
    public var suite: String
    public var properties: [PropertyReport] = []

    public var hasHeld: Bool { properties.allSatisfy(\.hasHeld) }
    public var cases: Int { properties.reduce(0) { $0 + $1.cases } }
    public var seconds: Double { properties.reduce(0) { $0 + $1.seconds } }

    /// The report as JSON with sorted keys.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and finite numbers only, which cannot fail to encode.
        let bytes = (try? encoder.encode(self)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SuiteReport: CustomStringConvertible {
    public var description: String {
        let failed = properties.count { !$0.hasHeld }
        let time = String(format: "%.1f s", seconds)
        let discarded = properties.reduce(0) { $0 + $1.discarded }
        let summary =
            "\(suite): \(properties.count) properties, \(failed) failed, \(cases) cases, "
            + "\(discarded) discarded, \(time)"
        return (properties.map(\.description) + [summary]).joined(separator: "\n")
    }
}

private struct SuiteArguments {
    var seconds = 10.0
    var only: String?
    var isJSON = false
    var options = PropertyOptions(cases: .max)

    /// `nil` when there is something unknown or malformed.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--json" {
                isJSON = true
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch name {
            case "--seconds":
                guard let number = Double(value), number > 0, number < 1e7 else { return nil }
                seconds = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                options.seed = number
            case "--cases":
                guard let number = Int(value), number > 0 else { return nil }
                options.cases = number
            case "--corpus": options.corpus = value
            case "--only": only = value
            default: return nil
            }
        }
    }
}
