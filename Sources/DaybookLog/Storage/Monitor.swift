internal import Glibc

/// State that threads share, with a condition to wait for.
///
/// A `Mutex` alone cannot wait, and an actor would put an executor hop into every append.
// Unchecked: `state` is touched only while `mutex` is held.
package final class Monitor<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        invariant(pthread_mutex_init(mutex, nil) == 0, "Monitor: no mutex")
        var attributes = pthread_condattr_t()
        invariant(pthread_condattr_init(&attributes) == 0, "Monitor: no attributes")
        // A wall clock that jumps must not lengthen a wait.
        invariant(
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0, "Monitor: no such clock")
        invariant(pthread_cond_init(condition, &attributes) == 0, "Monitor: no condition")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        invariant(pthread_mutex_destroy(mutex) == 0, "Monitor: nobody holds the lock when it ends")
        condition.deallocate()
        mutex.deallocate()
    }

    /// Looks at the state and wakes nobody.
    package func read<Result>(_ body: (State) -> Result) -> Result {
        invariant(pthread_mutex_lock(mutex) == 0, "Monitor: the state is read under its lock")
        defer {
            invariant(pthread_mutex_unlock(mutex) == 0, "Monitor: who reads gives the lock back")
        }
        return body(state)
    }

    /// Changes the state and wakes whoever waits.
    package func change<Result>(_ body: (inout State) -> Result) -> Result {
        invariant(pthread_mutex_lock(mutex) == 0, "Monitor: the state is touched under its lock")
        defer {
            pthread_cond_broadcast(condition)
            invariant(
                pthread_mutex_unlock(mutex) == 0,
                "Monitor: who changes the state gives the lock back")
        }
        return body(&state)
    }

    /// Waits until `body` gives something.
    ///
    /// - Returns: `nil` when `milliseconds` passed before.
    package func wait<Result>(milliseconds: Int? = nil, _ body: (inout State) -> Result?) -> Result?
    {
        invariant(pthread_mutex_lock(mutex) == 0, "Monitor: the state is waited for under its lock")
        defer {
            invariant(pthread_mutex_unlock(mutex) == 0, "Monitor: who waited gives the lock back")
        }
        var deadline = timespec()
        if let milliseconds {
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            deadline.tv_sec += milliseconds / 1000
            deadline.tv_nsec += milliseconds % 1000 * 1_000_000
            if deadline.tv_nsec >= 1_000_000_000 {
                deadline.tv_sec += 1
                deadline.tv_nsec -= 1_000_000_000
            }
        }
        invariant(
            (0..<1_000_000_000).contains(deadline.tv_nsec), "Monitor: less than a second remains")
        var result = body(&state)
        while result == nil {
            if milliseconds == nil {
                invariant(pthread_cond_wait(condition, mutex) == 0, "Monitor: a wait has the lock")
            } else if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
                return nil
            }
            result = body(&state)
        }
        pthread_cond_broadcast(condition)
        return result
    }
}
