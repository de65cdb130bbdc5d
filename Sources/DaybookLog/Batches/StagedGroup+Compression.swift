internal import DaybookCore

/// What became of a frame's payload before the commit.
enum FramePreparation {
    /// Nothing: the commit compresses it.
    case none
    /// It would not get shorter.
    case incompressible
    /// Where it lies in the group's `compressed`.
    case compressed(Range<Int>)
}

extension StagedGroup {
    /// Compresses the frames to which nothing is added any more, so that the commit need not.
    ///
    /// The bytes of the log are the same with and without: it is a matter of who has time.
    func compressFullFrames() {
        invariant(committedFrameCount == 0, "StagedGroup: what is committed is compressed already")
        while isNextFrameFull {
            frames[preparedFrameCount].preparation = compress(frames[preparedFrameCount].rawRange)
            preparedFrameCount += 1
        }
        invariant(
            preparedFrameCount <= frames.count, "StagedGroup: only what was staged is compressed")
    }

    private var isNextFrameFull: Bool {
        guard preparedFrameCount < frames.count else { return false }
        let isLast = preparedFrameCount + 1 == frames.count
        // With the next batch it would be too long.
        return !isLast
            || frames[preparedFrameCount].rawRange.count >= EventLogLimits.sharedFrameRawByteCount
    }

    private func compress(_ range: Range<Int>) -> FramePreparation {
        let payloads = compressed ?? GrowingBuffer()
        compressed = payloads
        let start = payloads.count
        let room = payloads.extend(by: range.count)
        let count = raw.withUnsafeBytes { raw in
            FrameCompression.compress(raw.slice(range.lowerBound, range.count), into: room)
        }
        payloads.truncate(to: start + (count ?? 0))
        invariant(count ?? 0 < range.count, "StagedGroup: compressed is shorter")
        return count.map { .compressed(start..<(start + $0)) } ?? .incompressible
    }
}
