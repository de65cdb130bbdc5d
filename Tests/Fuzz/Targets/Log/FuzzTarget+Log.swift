extension FuzzTarget {
    /// Everything that reads the log's bytes.
    static let all: [FuzzTarget] = [
        FuzzTarget(name: "frame", longestInput: 2_048, run: FrameTarget.run),
        FuzzTarget(name: "header", longestInput: 1_024, run: SegmentHeaderTarget.run),
        FuzzTarget(name: "mark", longestInput: 600, run: MarkTarget.run),
        FuzzTarget(name: "seal", longestInput: 1_024, run: SealTarget.run),
        FuzzTarget(name: "lz4", run: LZ4Target.run),
        FuzzTarget(name: "batch", run: BatchTarget.run),
        FuzzTarget(name: "log", longestInput: 512, run: LogTarget.run),
    ]
}
