extension FuzzTarget {
    /// Everything that reads events, snapshots and what people hand in; and the canaries.
    static let all: [FuzzTarget] = [
        FuzzTarget(name: "event", run: EventTarget.run),
        FuzzTarget(name: "snapshot", run: SnapshotTarget.run),
        FuzzTarget(name: "json", run: JSONTarget.run),
        FuzzTarget(name: "csv", run: CSVTarget.run),
        FuzzTarget(name: "text", longestInput: 256, run: TextTarget.run),
        FuzzTarget(name: "canary", longestInput: 64, run: CanaryTarget.trap),
        FuzzTarget(name: "canary-memory", longestInput: 64, run: CanaryTarget.allocate),
        FuzzTarget(name: "canary-overflow", longestInput: 64, run: CanaryTarget.overflow),
        FuzzTarget(name: "canary-time", longestInput: 64, run: CanaryTarget.linger),
        FuzzTarget(name: "canary-leak", longestInput: 64, run: CanaryTarget.leak),
    ]
}
