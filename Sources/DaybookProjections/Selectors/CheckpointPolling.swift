internal import DaybookCore

/// Waits for the projector of another process by looking at the checkpoint again and again.
struct CheckpointPolling: PositionSignal {
    /// How far the model is; `nil` when it cannot be read right now.
    let position: @Sendable (ReadModelName) -> LogPosition?
    let pause: @Sendable (Duration) async -> Void
    /// Short against what a person notices, long against one look (some 20 µs).
    static let interval = Duration.milliseconds(10)

    func wait(
        for model: ReadModelName, toReach wanted: LogPosition, atMost timeout: Duration
    ) async {
        var waited = Duration.zero
        while waited < timeout, !Task.isCancelled {
            if let reached = position(model), reached >= wanted { return }
            await pause(CheckpointPolling.interval)
            waited += CheckpointPolling.interval
        }
    }
}
