import DaybookLog
import Dispatch

/// Who goes first while there are more threads than cores.
enum Niceness: Int32 {
    case none = 0
    /// Commands go first: it has about a third of the time that they have.
    case behindCommands = 5
    /// What nobody waits for: a tenth.
    case last = 10
}

/// Work on a thread of its own, for whoever waits for its result once.
///
/// The thread is none of libdispatch's: of these there is one for each core, and the tasks of callers run
/// on them too, so they would wait for whole transactions of the read models.
///
/// Unchecked: body and result are used by one thread at a time, with the start and the signal in between.
final class WorkAside<Value>: @unchecked Sendable {
    private var body: (() throws -> Value)?
    private var result: Result<Value, any Error>?
    private let end = DispatchSemaphore(value: 0)

    /// Starts it; where no thread can be had, it is done when this returns.
    ///
    /// - Parameters:
    ///   - name: of the thread.
    ///   - niceness: which threads go first; see `WorkerThread.start`.
    init(_ name: String, _ niceness: Niceness = .none, _ body: @escaping () throws -> Value) {
        self.body = body
        do {
            try WorkerThread.start(name, niceness: niceness.rawValue) { self.run() }
        } catch {
            run()
        }
    }

    private func run() {
        result = Result { try perform() }
        end.signal()
    }

    /// Lets go of the body before the end is told: it may close over what ends then.
    private func perform() throws -> Value {
        guard let body = body.take() else { preconditionFailure("WorkAside: it is done once") }
        return try body()
    }

    /// Whether the end has come, so that nobody would have to wait.
    var isDone: Bool {
        guard end.wait(timeout: .now()) == .success else { return false }
        end.signal()
        return true
    }

    /// Waits for the end.
    ///
    /// - Throws: what the body has thrown.
    func wait() throws -> Value {
        end.wait()
        guard let result = result.take() else { preconditionFailure("WorkAside: one waits, once") }
        return try result.get()
    }
}
