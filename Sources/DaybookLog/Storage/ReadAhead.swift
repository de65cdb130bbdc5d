/// Makes elements on a thread of its own, ahead of whoever takes them: all of them, in order, followed by
/// the error that ended the making, if one did.
///
/// Bounded by what elements cost, for example in bytes: the maker waits while so much is not taken yet.
/// They are handed over in shares, which takes fewer wake-ups. Confined to who takes.
package final class ReadAhead<Element> {
    /// Takes an element and what it costs; tells whether anybody wants more.
    package typealias Emit = (Element, _ cost: Int) -> Bool

    private struct State {
        var ready: [Element] = []
        var readyCost = 0
        var isCancelled = false
        var hasEnded = false
        var failure: (any Error)?
    }

    // Unchecked: handed to the thread before it starts, and used by nobody else.
    private struct Maker: @unchecked Sendable {
        let make: (Emit) throws -> Void
    }

    private let state: Monitor<State>

    /// - Parameters:
    ///   - shareCost: what a share costs before it is handed over.
    ///   - limit: what may be ready before the maker waits; one share more may be on its way.
    ///   - make: called once, on the thread; whatever it uses is used by nobody else until ``finish()``.
    package init(
        shareCost: Int, limit: Int, _ make: @escaping (Emit) throws -> Void
    ) throws(EventLogError) {
        invariant(limit > 0, "ReadAhead: at least one share may be ready")
        let state = Monitor(State())
        self.state = state
        let maker = Maker(make: make)
        try WorkerThread.start("reader") {
            var share: [Element] = []
            var cost = 0
            var failure: (any Error)?
            do {
                try maker.make { element, elementCost in
                    share.append(element)
                    cost += elementCost
                    guard cost >= shareCost else { return true }
                    defer {
                        share.removeAll(keepingCapacity: true)
                        cost = 0
                    }
                    return ReadAhead.hand(over: share, cost, to: state, limit: limit)
                }
            } catch {
                failure = error
            }
            // What was made before an error comes before it.
            _ = ReadAhead.hand(over: share, cost, to: state, limit: limit)
            state.change {
                invariant(!$0.hasEnded, "ReadAhead: it ends once")
                $0.failure = failure
                $0.hasEnded = true
            }
        }
    }

    /// - Returns: whether anybody wants more.
    private static func hand(
        over share: [Element], _ cost: Int, to state: Monitor<State>, limit: Int
    ) -> Bool {
        let isWanted = state.wait { state -> Bool? in
            if state.isCancelled { return false }
            guard state.readyCost < limit else { return nil }
            invariant(!state.hasEnded, "ReadAhead: nothing comes behind the end")
            invariant(
                !state.ready.isEmpty || state.readyCost == 0, "ReadAhead: what is not there is free"
            )
            state.ready += share
            state.readyCost += cost
            return true
        }
        return established(isWanted, "ReadAhead: a wait without an end has a result")
    }

    /// What is made by now, at least one element; empty at the end.
    ///
    /// - Throws: what the making ended with, behind everything that was made.
    package func next() throws -> [Element] {
        let result = state.wait { state -> Result<[Element], any Error>? in
            if !state.ready.isEmpty {
                defer {
                    state.ready = []
                    state.readyCost = 0
                }
                return .success(state.ready)
            }
            guard state.hasEnded else { return nil }
            invariant(state.readyCost == 0, "ReadAhead: all that was made is handed out")
            return state.failure.map(Result.failure) ?? .success([])
        }
        return try established(result, "ReadAhead: a wait without an end has a result").get()
    }

    /// Stops the making and waits for its end.
    package func finish() {
        state.change { $0.isCancelled = true }
        _ = state.wait { $0.hasEnded ? () : nil }
    }
}
