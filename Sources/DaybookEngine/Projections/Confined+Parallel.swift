import Dispatch
import Synchronization

extension Array {
    /// Runs `body` for every element, each on a thread of its own when that is wanted; all have ended
    /// when the call returns.
    ///
    /// - Throws: the first of the errors; the others had their turn.
    func forEachConfined<Value>(
        inParallel isParallel: Bool, _ body: (Value) throws -> Void
    ) throws where Element == Confined<Value> {
        guard isParallel else {
            for element in self { try body(element.value) }
            return
        }
        let failures = Failures()
        // Each element is used by one thread only, which the compiler cannot see.
        withoutActuallyEscaping(body) { body in
            let confined = Confined(body)
            DispatchQueue.concurrentPerform(iterations: count) { index in
                failures.attempt { try confined.value(self[index].value) }
            }
        }
        if let failure = failures.first { throw failure }
    }
}

/// Collects errors from several threads.
private final class Failures: Sendable {
    private let errors = Mutex<[any Error]>([])

    func attempt(_ body: () throws -> Void) {
        do { try body() } catch { errors.withLock { $0.append(error) } }
    }

    var first: (any Error)? { errors.withLock { $0.first } }
}
