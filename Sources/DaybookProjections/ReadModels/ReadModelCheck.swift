import Dispatch
internal import GRDB
internal import Synchronization

/// Looks at every page of large read models while they are in use: at start it would take as long as
/// reading them.
///
/// A damaged model is told of, and the suspicion is kept: the next start looks at all of it before it is
/// used, sets it aside and builds it anew. Until then, or until somebody has it rebuilt, it is used as it is.
package final class ReadModelCheck: Sendable {
    private struct State {
        var connection: DatabaseQueue?
        var isStopping = false
        var findings: [String] = []
    }

    private let state = Mutex(State())
    private let work = DispatchGroup()
    private let files: [(name: ReadModelName, path: String)]

    /// - Parameter files: looked at from ``begin()`` on.
    package init(_ files: [(name: ReadModelName, path: String)]) {
        self.files = files
    }

    /// Begins to look at the files, one after another, on a thread of its own. Called once.
    package func begin() {
        guard !files.isEmpty else { return }
        DispatchQueue(label: "daybook.checking", qos: .utility).async(group: work) { [self] in
            for file in files { check(file.name, file.path) }
        }
    }

    /// What was found so far; for people.
    package var findings: [String] { state.withLock { $0.findings } }

    /// Gives up what is left and returns when no file is in use any more.
    package func stop() {
        repeat {
            // Again and again: an interrupt between two statements interrupts nothing.
            state.withLock { state in
                state.isStopping = true
                // Under the lock: whoever closes the connection takes it away first.
                state.connection?.interrupt()
            }
        } while work.wait(timeout: .now() + .milliseconds(20)) == .timedOut
    }

    /// Waits until every file was looked at.
    package func waitForEnd() { work.wait() }

    private func check(_ name: ReadModelName, _ path: String) {
        do {
            try ReadModelError.translating(path: path) {
                let connection = try Sources.connectReadOnly(path)
                let goesOn = state.withLock { state in
                    state.connection = connection
                    return !state.isStopping
                }
                let look = Result {
                    guard goesOn else { return }
                    try connection.read { try ReadModelFile.requireSoundPages(in: $0, path: path) }
                }
                state.withLock { $0.connection = nil }
                try connection.close()
                try look.get()
            }
        } catch {
            guard case .damaged = ReadModelFile.condition(after: error),
                // An interrupted look proves nothing.
                !state.withLock({ $0.isStopping })
            else { return }
            var finding =
                "\(path) is damaged (\(error)); the next start sets it aside and builds it anew, "
                + "or at once: daybook projection rebuild \(name.rawValue)"
            do {
                try ReadModelSuspicion(of: path).raise()
            } catch {
                finding += "; the next start will not know of it: \(error)"
            }
            state.withLock { $0.findings.append(finding) }
        }
    }
}
