/// The numbers of a long piece of work at one moment.
struct ProgressState: Hashable, Sendable {
    /// What is being done, for example `import`.
    var phase: String
    /// What is counted, in the plural: `rows`, `events`, `bytes`.
    var unit: String
    var done: UInt64 = 0
    /// `nil` when the end is not known.
    var total: UInt64?
    var errors: UInt64 = 0
    var elapsedSeconds: Double = 0

    /// Units per second since the start; `nil` before there is anything to say.
    var rate: Double? {
        elapsedSeconds >= 0.05 && done > 0 ? Double(done) / elapsedSeconds : nil
    }

    /// Seconds that are left at this rate.
    var remainingSeconds: Double? {
        guard let rate, let total else { return nil }
        return Double(total > done ? total - done : 0) / rate
    }
}

/// Progress as text.
enum ProgressLine {
    /// One line of at most `width` characters: phase, bar, share, counts, rate, time left, errors.
    static func bar(_ state: ProgressState, width: Int) -> String {
        let text = numbers(state)
        guard let total = state.total, total > 0 else {
            return Table.cut("\(state.phase)  \(text)", to: width)
        }
        let share = min(1, Double(state.done) / Double(total))
        let room = width - state.phase.count - text.count - 12
        guard room >= 8 else { return Table.cut("\(state.phase)  \(text)", to: width) }
        let length = min(30, room)
        let filled = Int(share * Double(length))
        let bar =
            String(repeating: "#", count: filled) + String(repeating: "-", count: length - filled)
        return "\(state.phase)  [\(bar)]  \(text)"
    }

    /// One line without a bar, for logs.
    static func line(_ state: ProgressState) -> String {
        "\(state.phase): \(numbers(state))"
    }

    private static func numbers(_ state: ProgressState) -> String {
        var parts: [String] = []
        if let total = state.total, total > 0 {
            parts.append("\(min(100, state.done * 100 / total)) %")
            parts.append("\(grouped(state.done))/\(grouped(total)) \(state.unit)")
        } else {
            parts.append("\(grouped(state.done)) \(state.unit)")
        }
        if let rate = state.rate { parts.append("\(grouped(UInt64(rate)))/s") }
        if let seconds = state.remainingSeconds, state.done < state.total ?? 0 {
            parts.append("\(clock(seconds)) left")
        }
        if state.errors > 0 { parts.append("\(grouped(state.errors)) errors") }
        return parts.joined(separator: "  ")
    }

    /// `12,345`
    static func grouped(_ number: UInt64) -> String {
        var result = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0 && index % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return String(result.reversed())
    }

    /// `0:07`, `12:30`, `1:02:03`
    static func clock(_ seconds: Double) -> String {
        // A rate near zero would give a number that no clock shows.
        let whole = Int(min(seconds.rounded(.up), 3_599_999))
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return whole >= 3600
            ? "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
            : "\(whole / 60):\(two(whole % 60))"
    }

    /// The `status` object.
    static func status(_ state: ProgressState) -> Record {
        var record: Record = [
            "type": "status", "phase": .text(state.phase), "done": .of(state.done),
            "unit": .text(state.unit),
        ]
        if let total = state.total { record.append("total", .of(total)) }
        if let rate = state.rate { record.append("per_second", .of(UInt64(rate))) }
        if let seconds = state.remainingSeconds {
            record.append("eta_seconds", .of(UInt64(seconds.rounded(.up))))
        }
        record.append("errors", .of(state.errors))
        return record
    }
}
