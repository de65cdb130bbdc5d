import Synchronization

/// The progress of one long piece of work: told at most ten times a second, so it may be advanced for
/// every element.
final class Progress: Sendable {
    private struct State {
        var numbers: ProgressState
        var nextReport: ContinuousClock.Instant
        var isFinished = false
    }

    private let state: Mutex<State>
    private let started: ContinuousClock.Instant
    private let output: Output
    private let interval: Duration

    init(phase: String, unit: String, total: UInt64?, output: Output) {
        self.output = output
        started = ContinuousClock.now
        interval =
            switch output.settings.progress {
            case .none, .bar: .milliseconds(100)
            case .lines: .seconds(10)
            case .statuses: .seconds(1)
            }
        state = Mutex(
            State(
                numbers: ProgressState(phase: phase, unit: unit, total: total),
                nextReport: started.advanced(by: interval)))
    }

    func advance(by count: UInt64 = 1) {
        change { $0.done += count }
    }

    func advance(to done: UInt64) {
        change { $0.done = done }
    }

    /// Sets what is known now; `nil` leaves the total unknown.
    func setTotal(_ total: UInt64?) {
        change { $0.total = total }
    }

    func countError() {
        change { $0.errors += 1 }
    }

    /// Removes the bar; in JSON tells the last numbers once more.
    func finish() {
        let numbers = state.withLock { state -> ProgressState? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            state.numbers.elapsedSeconds = started.secondsUntilNow
            return state.numbers
        }
        if let numbers { output.endProgress(numbers) }
    }

    private func change(_ body: (inout ProgressState) -> Void) {
        guard output.settings.progress != .none else { return }
        let due = state.withLock { state -> ProgressState? in
            body(&state.numbers)
            let now = ContinuousClock.now
            guard now >= state.nextReport, !state.isFinished else { return nil }
            state.nextReport = now.advanced(by: interval)
            state.numbers.elapsedSeconds = started.secondsUntilNow
            return state.numbers
        }
        if let due { output.tell(due) }
    }
}

extension ContinuousClock.Instant {
    fileprivate var secondsUntilNow: Double {
        let (seconds, attoseconds) = duration(to: .now).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
