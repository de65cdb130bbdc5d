import Foundation

/// What a run measured: two numbers first, then the rest.
struct Figures {
    private var entries: [(name: String, value: Double)] = []
    private let mode: String

    init(mode: String) {
        self.mode = mode
    }

    mutating func add(_ name: String, _ value: Double) {
        entries.append((name, value))
    }

    func report(toJSON path: String?) throws {
        for (name, value) in entries { print("\(text(value).padded(to: 14))  \(name)") }
        guard let path else { return }
        let fields = ["\"mode\":\"\(mode)\""] + entries.map { "\"\($0.name)\":\(text($0.value))" }
        try Data("{\(fields.joined(separator: ","))}\n".utf8).write(to: URL(fileURLWithPath: path))
    }

    private func text(_ value: Double) -> String {
        let isWhole = value == value.rounded()
        return String(format: value >= 1_000 || isWhole ? "%.0f" : "%.3f", value)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
