import Synchronization

/// Lets calls begin as fast as the read models follow.
///
/// So many calls may begin between the ends of two looks at the read models; how many, follows from the lag
/// that was seen.
final class SteadyPace: Sendable {
    private struct State {
        var wanted: Int
        var left: Int
        /// Nobody waits to begin any more.
        var isOpen = false
        /// Nor for news.
        var isOver = false
        var hasNews = false
        var callers: [CheckedContinuation<Void, Never>] = []
        var looker: CheckedContinuation<Bool, Never>?

        /// Lets those that wait look again.
        mutating func takeCallers() -> [CheckedContinuation<Void, Never>] {
            defer { callers = [] }
            return callers
        }
    }

    private let limit: Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - limit: the lag that is allowed, in seconds.
    ///   - callers: so many calls may begin before the first look has ended.
    init(limit: Double, callers: Int) {
        self.limit = limit
        state = Mutex(State(wanted: callers, left: callers))
    }

    /// Waits until another call may begin.
    func begin() async {
        while true {
            let mayBegin = state.withLock { state in
                guard state.left > 0 || state.isOpen else { return false }
                state.left -= 1
                return true
            }
            if mayBegin { return }
            await withCheckedContinuation { continuation in
                let mayLook = state.withLock { state in
                    if state.left > 0 || state.isOpen { return true }
                    state.callers.append(continuation)
                    return false
                }
                if mayLook { continuation.resume() }
            }
        }
    }

    /// A call has ended: there is something to look at.
    func end() {
        let looker = state.withLock { state in
            defer { state.looker = nil }
            state.hasNews = state.looker == nil
            return state.looker
        }
        looker?.resume(returning: true)
    }

    /// Waits until a call has ended since the last time; `false` once nothing more is to come.
    func hasNews() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.isOver { return false }
                guard !state.hasNews else {
                    state.hasNews = false
                    return true
                }
                state.looker = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// More calls may begin, by the lag that was seen, in seconds.
    func adapt(to lag: Double) {
        let callers = state.withLock { state in
            // Calls that are under way come on top of those that may begin: hence well below the limit.
            if lag > limit / 3 {
                state.wanted = max(1, state.wanted / 2)
            } else if lag < limit / 6 {
                state.wanted += 1
            }
            state.left = state.wanted
            return state.takeCallers()
        }
        for caller in callers { caller.resume() }
    }

    /// Keeps no caller waiting any more: whoever begins from now on finds that the time is over. Not to be
    /// left out by one that begins and makes no call, since then none would end and nobody else would begin.
    func open() {
        let callers = state.withLock { state in
            state.isOpen = true
            return state.takeCallers()
        }
        for caller in callers { caller.resume() }
    }

    /// The same, and no more is to come.
    func finish() {
        open()
        let looker = state.withLock { state in
            state.isOver = true
            defer { state.looker = nil }
            return state.looker
        }
        looker?.resume(returning: false)
    }
}
