internal import Foundation

/// Lets one thread sleep until another wakes it; a wake-up that came first is not lost.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wake() { semaphore.signal() }

    /// - Returns: `false` when nobody woke it in time.
    func sleep(seconds: Int) -> Bool {
        semaphore.wait(timeout: .now() + .seconds(seconds)) == .success
    }
}
