internal import DaybookCore
internal import DaybookDecisions
internal import Synchronization

extension Daybook {
    /// ``executeAll(_:)`` for a caller who asks alone and waits: while some requests are decided the next
    /// ones are made ready, and what is decided is made durable meanwhile. Takes more syncs for it.
    ///
    /// For ``ReactorMode/manual``: it waits for no payments.
    ///
    /// - Parameter partCount: how many requests are made ready at a time. All at once where they register
    ///   users, because the keys of these are made in one transaction.
    /// - Returns: one result per request, in order.
    package func executeAll(
        _ requests: [Request], inPartsOf partCount: Int
    ) async -> [Result<CommandResult, DaybookError>] {
        precondition(configuration.reactors == .manual, "executeAll: parts wait for no payments")
        guard requests.count > partCount, !requests.contains(where: \.registersUsers) else {
            return await executeAll(requests)
        }
        let parts = stride(from: 0, to: requests.count, by: partCount).map { start in
            requests[start..<min(start + partCount, requests.count)]
        }
        return await withCheckedContinuation { continuation in
            let answers = AnswersInParts(count: parts.count) { continuation.resume(returning: $0) }
            for (index, part) in parts.enumerated() {
                let prepared = preparation.prepare(Array(part))
                // The last one may be short, and must not overtake the others.
                writer.handle(prepared.ready, in: .bulk) { handled in
                    answers.take(
                        prepared.inOrder(handled) { handled, _ in handled.result }, ofPart: index)
                }
            }
        }
    }
}

/// Gathers the answers to parts of a whole and passes all of them on with the last.
private final class AnswersInParts: Sendable {
    typealias Answer = Result<CommandResult, DaybookError>

    private struct State {
        var parts: [[Answer]]
        var missingCount: Int
    }

    private let state: Mutex<State>
    private let whenComplete: @Sendable ([Answer]) -> Void

    init(count: Int, whenComplete: @escaping @Sendable ([Answer]) -> Void) {
        state = Mutex(State(parts: Array(repeating: [], count: count), missingCount: count))
        self.whenComplete = whenComplete
    }

    func take(_ answers: [Answer], ofPart index: Int) {
        let all: [[Answer]]? = state.withLock { state in
            state.parts[index] = answers
            state.missingCount -= 1
            return state.missingCount == 0 ? state.parts : nil
        }
        if let all { whenComplete(all.flatMap(\.self)) }
    }
}
