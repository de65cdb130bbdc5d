internal import Foundation

/// Lets one thread sleep until another wakes it; a wake-up that came first is not lost.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wake() { semaphore.signal() }
    func sleep() { semaphore.wait() }
}
