internal import DaybookCore
internal import Synchronization

/// What is known of the group that begins with a segment.
struct KnownGroup: Sendable {
    /// The one that was found last; of no more segments than there may be.
    var group: SegmentGroup?
    /// How many segments the log had when a larger one was looked for, or this one was refused; another process may
    /// make it.
    var lookedAtSegmentCount = 0
    /// It is there and not right; only the writer makes it anew.
    var isRefused = false
    /// A group of so many segments cannot be had.
    var givenUpSegmentCount = 0
}

// MARK: - Questions

extension IndexShelf {
    /// Which segments of a range may hold what any of the items means, ascending; the others hold none of it.
    ///
    /// - Parameters:
    ///   - range: of places in `all`.
    ///   - all: every segment of the log.
    func candidates(
        for items: [IndexItem], in range: Range<Int>, of all: [SegmentRecord]
    ) -> [SegmentRecord] {
        let width = GroupIdentity.largestSegmentCount
        invariant(
            range.upperBound <= all.count, "IndexShelf: a range is of segments that there are")
        var shares: [(range: Range<Int>, group: SegmentGroup?)] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let first = start / width * width
            let share = start..<min(first + width, range.upperBound)
            // Of a single one its own index says more.
            shares.append((share, share.count > 1 ? group(at: first, of: all) : nil))
            start = share.upperBound
        }
        invariant(
            shares.reduce(0) { $0 + $1.range.count } == range.count,
            "IndexShelf: every segment of the range is in one share")
        let keys = items.compactMap(\.first)
        for group in shares.compactMap(\.group) where shares.count > 1 {
            for key in keys { group.prefetch(key) }
        }
        var candidates: [SegmentRecord] = []
        for (share, group) in shares {
            let first = share.lowerBound / width * width
            let mayHold = group.map { segments(for: items, $0, at: first, all.count) } ?? .max
            for place in share where mayHold & 1 << UInt16(place - first) != 0 {
                candidates.append(all[place])
            }
        }
        return candidates
    }

    private func segments(
        for items: [IndexItem], _ group: SegmentGroup, at first: Int, _ segmentCount: Int
    ) -> UInt16 {
        do throws(IndexDefect) {
            // Those behind the group are asked.
            var found: UInt16 = UInt16.max << UInt16(group.identity.segmentCount)
            for item in items {
                var segments = UInt16.max
                for tag in item.tags where segments != 0 {
                    segments &= try group.segments(with: tag)
                }
                if !item.types.isEmpty, segments != 0 {
                    var typed: UInt16 = 0
                    for type in item.types { typed |= try group.segments(with: type) }
                    segments &= typed
                }
                found |= segments
            }
            return found
        } catch {
            refuse(group, at: first, segmentCount)
            return .max
        }
    }

    /// Each segment is asked until the indexer has made the group anew.
    func refuse(_ group: SegmentGroup, at first: Int, _ segmentCount: Int) {
        let isKnown = groups.withLock { groups in
            // A larger one may have taken its place, and its file's, meanwhile.
            guard var known = groups[first], known.group === group else { return false }
            known.group = nil
            known.lookedAtSegmentCount = segmentCount
            known.isRefused = true
            groups[first] = known
            return true
        }
        guard isKnown else { return }
        counts.withLock { $0.refused += 1 }
        schedule.change { $0.hasWork = true }
    }

    /// The largest group that begins at a place; `nil` when there is none.
    private func group(at first: Int, of all: [SegmentRecord]) -> SegmentGroup? {
        guard let wanted = groupIdentity(at: first, of: all) else { return nil }
        if let known = groups.withLock({ $0[first] }),
            known.group?.identity == wanted
                // A larger one is looked for again when the log has grown, not for each question.
                || known.lookedAtSegmentCount == all.count
        {
            return known.group.flatMap { isOf(all, $0, at: first) ? $0 : nil }
        }
        return findGroup(wanted, at: first, of: all)
    }

    /// Under a reader somebody may put another history's segments in the place of these.
    private func isOf(_ all: [SegmentRecord], _ group: SegmentGroup, at first: Int) -> Bool {
        let count = group.identity.segmentCount
        return first + count <= all.count
            && group.identity == groupIdentity(at: first, of: all, segmentCount: count)
    }

    /// What is in the file of a group: the one that is wanted, or one of fewer segments.
    private func findGroup(
        _ wanted: GroupIdentity, at first: Int, of all: [SegmentRecord]
    ) -> SegmentGroup? {
        let file = indexFile(named: LogFileName.group(from: wanted.firstSegment))
        var found: SegmentGroup?
        if let count = try? SegmentGroup.segmentCount(in: file), count <= wanted.segmentCount,
            count % GroupIdentity.segmentCountStep == 0,
            let identity = groupIdentity(at: first, of: all, segmentCount: count)
        {
            found = try? SegmentGroup(file: file, cache: cache, of: identity)
        }
        return groups.withLock { groups in
            var known = groups[first] ?? KnownGroup()
            // The indexer may have put a larger one there since the file was opened.
            known.group = [known.group, found].compactMap { $0 }
                .filter { isOf(all, $0, at: first) }
                .max { $0.identity.segmentCount < $1.identity.segmentCount }
            known.lookedAtSegmentCount = all.count
            groups[first] = known
            return known.group
        }
    }

    /// The largest group that there may be from a place on: of every fourth sealed segment up to sixteen.
    private func groupIdentity(at first: Int, of all: [SegmentRecord]) -> GroupIdentity? {
        let width = GroupIdentity.largestSegmentCount
        let end = min(first + width, all.count)
        // Only the last one of a log is not sealed.
        let sealedCount = end - first - (all[end - 1].isSealed ? 0 : 1)
        invariant(sealedCount >= 0, "IndexShelf: a group begins with a segment that there is")
        return groupIdentity(
            at: first, of: all,
            segmentCount: sealedCount - sealedCount % GroupIdentity.segmentCountStep)
    }

    /// `nil` unless it has segments, all of them sealed.
    private func groupIdentity(
        at first: Int, of all: [SegmentRecord], segmentCount: Int
    ) -> GroupIdentity? {
        guard segmentCount > 0, let sealDigest = all[first + segmentCount - 1].sealDigest else {
            return nil
        }
        invariant(
            all[first].number == UInt64(first) + 1, "IndexShelf: segments are numbered from 1")
        return GroupIdentity(
            logID: logID, firstSegment: all[first].number, segmentCount: segmentCount,
            sealDigest: sealDigest)
    }
}

// MARK: - Working ahead

extension IndexShelf {
    /// Makes the oldest group that is not there, of too few segments or not right, once its segments have their
    /// indexes.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `.damaged`, `.io` when a segment cannot be read, `.closed`.
    func groupNext(_ all: [SegmentRecord], _ reader: LogReader) throws(EventLogError) -> Bool {
        for first in stride(from: 0, to: all.count, by: GroupIdentity.largestSegmentCount) {
            guard canWrite, let identity = groupIdentity(at: first, of: all) else { return false }
            let known = groups.withLock { $0[first] } ?? KnownGroup()
            if known.givenUpSegmentCount == identity.segmentCount { continue }
            // Of one that was refused nobody knows whether a question has found it again since.
            if !known.isRefused {
                let isThere = known.group?.identity == identity
                if isThere || findGroup(identity, at: first, of: all)?.identity == identity {
                    continue
                }
            }
            let segments = all[first..<(first + identity.segmentCount)]
            invariant(
                segments.allSatisfy(\.isSealed), "IndexShelf: a group is of sealed segments only")
            groups.withLock { $0[first]?.isRefused = false }
            if let image = try groupImage(identity, segments, reader),
                write(image, to: LogFileName.group(from: identity.firstSegment))
            {
                groups.withLock { $0[first]?.group = nil }
                if findGroup(identity, at: first, of: all)?.identity == identity { return true }
            }
            groups.withLock { $0[first]?.givenUpSegmentCount = identity.segmentCount }
        }
        return false
    }

    /// - Returns: `nil` when there is to be none, or the indexes do not say what is in it.
    private func groupImage(
        _ identity: GroupIdentity, _ segments: ArraySlice<SegmentRecord>, _ reader: LogReader
    ) throws(EventLogError) -> [UInt8]? {
        var indexes: [SegmentIndex?] = []
        for record in segments {
            let isEmpty = record.tally.eventCount == 0
            indexes.append(isEmpty ? nil : try index(of: record, reader, isAhead: true))
        }
        invariant(
            indexes.count == identity.segmentCount, "IndexShelf: a group is of all its segments")
        return try? SegmentGroup.image(of: indexes, identity)
    }
}
