import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the command to finish, within five seconds; the second ends it.
///
/// The log is never left half-written: its recovery drops what was not acknowledged.
final class Interruption: Sendable {
    static let process = Interruption()

    private struct State {
        var signal: Int32?
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// How long a command may take to come to an end.
    static let grace = DispatchTimeInterval.seconds(5)

    /// Starts to listen. Called once, before the command starts.
    func listen(_ output: Output) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { self.received(number, output) }
            source.resume()
            // It listens as long as the process lives.
            _ = Unmanaged.passRetained(source as AnyObject)
        }
    }

    /// Runs when the first signal comes; at once when it came already.
    func onSignal(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if state.signal == nil { state.actions.append(action) }
            return state.signal != nil
        }
        if isLate { action() }
    }

    var isRequested: Bool { state.withLock { $0.signal != nil } }

    /// Long work calls this between its steps.
    ///
    /// - Throws: ``Failure`` with 130 or 143 once a signal came.
    func check() throws(Failure) {
        if let failure { throw failure }
    }

    /// How the command ends because of the signal; `nil` when none came.
    var failure: Failure? {
        switch state.withLock({ $0.signal }) {
        case nil: nil
        case SIGTERM: Failure(.terminated, code: "terminated", "terminated by SIGTERM")
        default: Failure(.interrupted, code: "interrupted", "interrupted")
        }
    }

    private func received(_ number: Int32, _ output: Output) {
        let (isFirst, actions) = state.withLock { state in
            let isFirst = state.signal == nil
            if isFirst { state.signal = number }
            return (isFirst, isFirst ? state.actions : [])
        }
        let status = number == SIGTERM ? ExitStatus.terminated : .interrupted
        guard isFirst else { _exit(status.rawValue) }
        output.warning("finishing what was begun (at most 5 s); once more to stop at once")
        actions.forEach { $0() }
        DispatchQueue.global().asyncAfter(deadline: .now() + Interruption.grace) {
            let failure = self.failure ?? Failure(status, code: "interrupted", "interrupted")
            output.failure(failure)
            output.finish([:], status: status, failure: failure)
            _exit(status.rawValue)
        }
    }
}
