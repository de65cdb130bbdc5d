internal import DaybookCore
internal import Synchronization

/// What is known of a group of segments.
enum KnownGroup: Sendable {
    case there(SegmentGroup)
    /// It was not there when the log had so many segments; another process may make it.
    case lacking(segmentCount: Int)
    /// It is there and not right.
    case refused
    /// It cannot be had.
    case givenUp
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
        let width = GroupIdentity.segmentCount
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
            let mayHold = group.map { segments(for: items, $0, at: first) } ?? .max
            for place in share where mayHold & 1 << UInt16(place - first) != 0 {
                candidates.append(all[place])
            }
        }
        return candidates
    }

    private func segments(for items: [IndexItem], _ group: SegmentGroup, at first: Int) -> UInt16 {
        do throws(IndexDefect) {
            var found: UInt16 = 0
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
            // Each segment is asked until the indexer has made it anew.
            groups.withLock { $0[first] = .refused }
            counts.withLock { $0.refused += 1 }
            schedule.change { $0.hasWork = true }
            return .max
        }
    }

    /// The group whose first segment has a place; `nil` when there is none.
    private func group(at first: Int, of all: [SegmentRecord]) -> SegmentGroup? {
        guard let identity = groupIdentity(at: first, of: all) else { return nil }
        switch groups.withLock({ $0[first] }) {
        case .there(let group): return group
        case .refused, .givenUp: return nil
        // Looked for again when the log has grown, not for each question.
        case .lacking(let segmentCount) where segmentCount == all.count: return nil
        case .lacking, nil: return findGroup(identity, at: first, of: all)
        }
    }

    private func findGroup(
        _ identity: GroupIdentity, at first: Int, of all: [SegmentRecord]
    ) -> SegmentGroup? {
        let found = try? SegmentGroup(
            file: indexFile(named: LogFileName.group(from: identity.firstSegment)), cache: cache,
            of: identity)
        groups.withLock { groups in
            groups[first] = found.map { .there($0) } ?? .lacking(segmentCount: all.count)
        }
        return found
    }

    /// `nil` unless all its segments are there and sealed.
    private func groupIdentity(at first: Int, of all: [SegmentRecord]) -> GroupIdentity? {
        let last = first + GroupIdentity.segmentCount - 1
        guard last < all.count, let sealDigest = all[last].sealDigest else { return nil }
        invariant(
            all[first].number == UInt64(first) + 1, "IndexShelf: segments are numbered from 1")
        return GroupIdentity(
            logID: logID, firstSegment: all[first].number, sealDigest: sealDigest)
    }
}

// MARK: - Working ahead

extension IndexShelf {
    /// Makes the oldest group that is not there or not right, once its segments have their indexes.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `.damaged`, `.io` when a segment cannot be read, `.closed`.
    func groupNext(_ all: [SegmentRecord], _ reader: LogReader) throws(EventLogError) -> Bool {
        for first in stride(from: 0, to: all.count, by: GroupIdentity.segmentCount) {
            guard canWrite, let identity = groupIdentity(at: first, of: all) else { return false }
            switch groups.withLock({ $0[first] }) {
            case .there, .givenUp: continue
            case .lacking, nil: if findGroup(identity, at: first, of: all) != nil { continue }
            case .refused: break
            }
            let segments = all[first..<(first + GroupIdentity.segmentCount)]
            if let image = try groupImage(identity, segments, reader),
                write(image, to: LogFileName.group(from: identity.firstSegment)),
                findGroup(identity, at: first, of: all) != nil
            {
                return true
            }
            groups.withLock { $0[first] = .givenUp }
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
            indexes.count == GroupIdentity.segmentCount, "IndexShelf: a group is of whole sixteens")
        return try? SegmentGroup.image(of: indexes, identity)
    }
}
