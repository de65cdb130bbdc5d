internal import Synchronization

/// Gathers the answers to parts of a whole, which may come in any order.
final class AnswersInParts<Answer: Sendable>: Sendable {
    private struct State {
        var parts: [[Answer]] = []
        var missingCount = 0
        var whoWaits: CheckedContinuation<[[Answer]], Never>?
    }

    private let state = Mutex(State())

    /// Another part will come.
    ///
    /// - Returns: its index.
    func begin() -> Int {
        state.withLock { state in
            state.parts.append([])
            state.missingCount += 1
            return state.parts.count - 1
        }
    }

    func take(_ answers: [Answer], ofPart index: Int) {
        let complete = state.withLock { state in
            state.parts[index] = answers
            state.missingCount -= 1
            return state.missingCount == 0
                ? state.whoWaits.take().map { (who: $0, parts: state.parts) } : nil
        }
        complete?.who.resume(returning: complete?.parts ?? [])
    }

    /// Waits for all parts that were begun; one waits at a time, and begins no more.
    ///
    /// - Returns: their answers, part by part.
    func all() async -> [Answer] {
        let parts = await withCheckedContinuation { continuation in
            let parts: [[Answer]]? = state.withLock { state in
                guard state.missingCount > 0 else { return state.parts }
                state.whoWaits = continuation
                return nil
            }
            if let parts { continuation.resume(returning: parts) }
        }
        return parts.flatMap(\.self)
    }
}
