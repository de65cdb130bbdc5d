public import DaybookCore

/// A call of an ``EventStore`` in a concurrent test.
public enum StoreCall: Hashable, Sendable {
    /// So many events with this tag, unless there is one with the other tag beyond a position.
    case append(String, count: Int, unless: String? = nil, after: LogPosition? = nil)
    /// The events with this tag.
    case read(String)
}

/// The answer to a ``StoreCall``.
public enum StoreAnswer: Hashable, Sendable {
    case appended(ClosedRange<LogPosition>)
    case conflict(LogPosition)
    case read([LogPosition])
}

/// What one client does: calls, of which some look first how far the store is and then say that
/// nothing must have happened since.
struct ClientScript: Hashable, Sendable {
    struct Wish: Hashable, Sendable {
        var call: StoreCall
        var looksFirst = false
    }

    var wishes: [Wish]
}

extension ClientScript {
    static func generator(tags: Int = 2) -> Generator<ClientScript> {
        let tag = Generator<String>.name(among: tags)
        let wish = Generator { choices -> Wish in
            let tagged = try tag.draw(from: choices)
            switch try choices.below(4, .weights([3, 3, 1, 2])) {
            case 0: return Wish(call: .append(tagged, count: 1, unless: tagged))
            case 1:
                let unless = try tag.draw(from: choices)
                return Wish(call: .append(tagged, count: 1, unless: unless), looksFirst: true)
            case 2: return Wish(call: .append(tagged, count: 1 + (try choices.below(2))))
            default: return Wish(call: .read(tagged))
            }
        }
        return wish.array(count: 1...5).map { ClientScript(wishes: $0) }
    }
}

extension Law {
    /// Conditional appends and reads of several clients look as if they had happened one after another,
    /// each between its call and its answer, on the plainest store there is.
    ///
    /// The clients' tasks are interleaved as the choices say, so that a store whose work is done in
    /// tasks of its own fails in the same way every time and the interleaving shrinks with the rest.
    ///
    /// - Parameter store: a new, empty one.
    public static func linearizable(
        _ name: String, clients: Int = 3,
        store: @escaping @Sendable () async throws -> any EventStore
    ) -> Property {
        let scripts = ClientScript.generator().array(count: 2...max(2, clients))
        return Property(
            "\(name) is linearizable", scripts,
            labellingBody: { scripts, choices in
                let operations = try Interleaving.run(choices) {
                    try await ClientRun(store: store()).run(scripts)
                }
                if operations.contains(where: {
                    if case .conflict = $0.output { true } else { false }
                }) {
                    choices.label("with conflicts")
                }
                let check = LinearizabilityCheck(
                    operations, initial: [String](), step: plainStore)
                guard check.order() == nil else { return }
                let lines = operations.map { operation in
                    "client \(operation.client) [\(operation.called), \(operation.returned)] "
                        + "\(swiftSource(of: operation.input)) -> "
                        + (operation.output.map { swiftSource(of: $0) } ?? "unknown")
                }
                throw LawBroken(
                    "no order of these calls explains their answers:\n"
                        + lines.joined(separator: "\n"), clause: "order")
            })
    }

    /// The plainest store: the tags of its events, in order.
    private static func plainStore(
        _ tags: [String], _ call: StoreCall, _ answer: StoreAnswer?
    ) -> [String]? {
        func first(_ tag: String, after: LogPosition?) -> LogPosition? {
            let start = Int(after?.rawValue ?? 0)
            return tags.indices.dropFirst(start).first { tags[$0] == tag }
                .map { LogPosition(rawValue: UInt64($0 + 1)) }
        }
        switch call {
        case .append(let tag, let count, let unless, let after):
            if let unless, let position = first(unless, after: after) {
                return answer == .conflict(position) || answer == nil ? tags : nil
            }
            let low = LogPosition(rawValue: UInt64(tags.count + 1))
            let positions = low...low.advanced(by: count - 1)
            guard answer == .appended(positions) || answer == nil else { return nil }
            return tags + Array(repeating: tag, count: count)
        case .read(let tag):
            let positions = tags.indices.filter { tags[$0] == tag }
                .map { LogPosition(rawValue: UInt64($0 + 1)) }
            return answer == .read(positions) || answer == nil ? tags : nil
        }
    }
}
