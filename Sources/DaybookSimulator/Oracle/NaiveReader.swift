import Glibc

/// Reads a log again and again while it grows, loses its end, or is damaged.
///
/// What ``NaiveLog`` says after each header, frame and trailer follows from the bytes up to there and
/// from nothing else. So it is kept together with these bytes, and taken instead of working it out again
/// only where a file holds the same bytes, each of them compared, behind nothing but the same bytes.
/// The verdict is that of reading everything; now and then everything that was found sound is read anew,
/// and must be so again.
package final class NaiveReader {
    /// A header, frame or trailer.
    private struct Step {
        var segment: Int
        var range: Range<Int>
        /// Of the log, after it.
        var state: NaiveLog.State
    }

    /// What the steps have found.
    private var line = NaiveLog()
    private var steps: [Step] = []
    /// The bytes of each segment of which steps were taken.
    private var contents: [[UInt8]] = []
    private var readings = 0

    /// One of so many readings is done anew as well.
    private static let repetition = 128

    package init() {}

    /// Reads the segments of a directory.
    ///
    /// - Parameters:
    ///   - names: the files that are there.
    ///   - content: the bytes of one.
    /// - Throws: ``NaiveDefect`` at the first thing that is not as the format says.
    package func read(names: [String], content: (String) -> [UInt8]) throws(NaiveDefect)
        -> NaiveLog
    {
        let log = try readOn(names, content)
        readings += 1
        if readings % NaiveReader.repetition == NaiveReader.repetition / 2 {
            guard try NaiveReader().readOn(names, content) == log else {
                throw NaiveDefect(
                    "the oracle contradicts itself: what it kept is not what is there")
            }
        }
        return log
    }

    private func readOn(_ names: [String], _ content: (String) -> [UInt8]) throws(NaiveDefect)
        -> NaiveLog
    {
        let segments = names.filter { $0.hasPrefix("log-") && $0.hasSuffix(".seg") }.sorted()
        var taken = 0
        for (index, name) in segments.enumerated() {
            guard UInt64(name.dropFirst(4).dropLast(4)) == UInt64(index + 1) else {
                throw NaiveDefect("\(name) stands where segment \(index + 1) should be")
            }
            do throws(NaiveDefect) {
                try take(content(name), index, isLast: index == segments.count - 1, &taken)
            } catch {
                throw NaiveDefect("\(name): \(error)")
            }
        }
        if taken == steps.count { return line }
        var log = line
        log.cut(to: state(after: taken))
        return log
    }

    private func state(after taken: Int) -> NaiveLog.State {
        taken == 0 ? NaiveLog.State() : steps[taken - 1].state
    }

    /// Takes one segment.
    ///
    /// - Parameter taken: so many of the steps hold for the files that are read; counts on.
    private func take(_ bytes: [UInt8], _ index: Int, isLast: Bool, _ taken: inout Int)
        throws(NaiveDefect)
    {
        var at = 0
        var count = taken
        defer { taken = count }
        let result = bytes.withUnsafeBytes { all -> Result<Void, NaiveDefect> in
            let file = NaiveBytes(bytes: all)
            do throws(NaiveDefect) {
                while state(after: count).expectsMore(of: file, at) {
                    if !isKept(file, at, index, count) {
                        try step(file, at, index, bytes, after: count)
                    }
                    at = steps[count].range.upperBound
                    count += 1
                }
                return .success(try state(after: count).checkEnd(of: file, at, isLast: isLast))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Whether the next step is known: the same place, and the same bytes.
    private func isKept(_ file: NaiveBytes, _ at: Int, _ index: Int, _ count: Int) -> Bool {
        guard count < steps.count else { return false }
        let range = steps[count].range
        guard steps[count].segment == index, range.lowerBound == at,
            range.upperBound <= file.count, let found = file.bytes.baseAddress
        else { return false }
        return contents[index].withUnsafeBytes { kept in
            guard let kept = kept.baseAddress else { return false }
            return memcmp(kept + range.lowerBound, found + range.lowerBound, range.count) == 0
        }
    }

    /// Works the next step out, and forgets all that came after the same beginning.
    private func step(
        _ file: NaiveBytes, _ at: Int, _ index: Int, _ bytes: [UInt8], after count: Int
    ) throws(NaiveDefect) {
        let before = state(after: count)
        if count < steps.count { steps.removeLast(steps.count - count) }
        line.cut(to: before)
        // The steps that are left of this segment hold for these bytes too.
        contents.removeLast(max(contents.count - index, 0))
        contents.append(bytes)
        do throws(NaiveDefect) {
            let next = try line.take(file, at, number: UInt64(index + 1))
            steps.append(Step(segment: index, range: at..<next, state: line.state))
        } catch {
            line.cut(to: before)
            throw error
        }
    }
}
