internal import DaybookCore
internal import Synchronization

/// The indexes of one reader: of sealed segments on disk, of the active one in memory.
///
/// An index that is missing, damaged or of something else is made anew from the segment: on disk
/// when this is the writer's reader, else in memory. An index that cannot be written is kept in
/// memory too: it is never a reason to fail. Thread-safe.
final class IndexShelf: Sendable {
    private let storage: any Storage
    private let secret: TagKey.Secret
    let logID: LogID
    /// Only the holder of the writer's lock may write.
    private let mayWrite: Atomic<Bool>
    private let indexes = Mutex<[UInt64: SegmentIndex]>([:])
    /// Held while an index is looked for or made, so that it is made once.
    private let making = Mutex<Making>(Making())
    private let active = Mutex<SegmentPostings?>(nil)
    /// The active segment of which a question was answered by stepping through it.
    private let steppedThrough = Atomic<UInt64>(0)
    /// By the place of their first segment.
    let groups = Mutex<[Int: KnownGroup]>([:])
    let cache = IndexBlockCache()
    private let openFiles = OpenIndexFiles()
    let counts = Mutex<IndexCounts>(IndexCounts())
    private let lastIdentifier = Atomic<UInt64>(0)
    /// What the indexer's thread waits for.
    let schedule = Monitor(IndexingSchedule())
    /// Up to here the committer has sealed.
    let sealedThrough = Atomic<UInt64>(0)
    /// Up to here every segment is sealed and has an index.
    let indexedThrough = Atomic<UInt64>(0)

    private struct Making: Sendable {
        var hasFolder = false
    }

    init(storage: any Storage, secret: TagKey.Secret, logID: LogID, mayWrite: Bool) {
        self.storage = storage
        self.secret = secret
        self.logID = logID
        self.mayWrite = Atomic(mayWrite)
    }

    /// Writes nothing from now on; returns when nothing is being written any more.
    func stopWriting() {
        mayWrite.store(false, ordering: .sequentiallyConsistent)
        making.withLock { _ in }
    }

    var canWrite: Bool { mayWrite.load(ordering: .sequentiallyConsistent) }

    /// What was made and met so far.
    var countsSoFar: IndexCounts { counts.withLock { $0 } }

    func identity(of record: SegmentRecord) -> IndexIdentity? {
        guard let sealDigest = record.sealDigest else { return nil }
        return IndexIdentity(
            logID: logID, segment: record.number, sealDigest: sealDigest,
            firstPosition: record.firstPosition, eventCount: record.tally.eventCount)
    }
}

/// How often indexes were found, made, refused.
package struct IndexCounts: Hashable, Sendable {
    /// Found on disk and used.
    package var opened = 0
    /// Made from the segment.
    package var made = 0
    /// Of those, how many were written.
    package var written = 0
    /// Was there and not right.
    package var refused = 0
}

// MARK: - Sealed segments

extension IndexShelf {
    /// Asks an index; one that turns out to be damaged is made anew and asked again.
    func ask<Result>(
        _ record: SegmentRecord, _ reader: LogReader,
        _ question: (SegmentIndex) throws(IndexDefect) -> Result
    ) throws(EventLogError) -> Result {
        var asked = try index(of: record, reader)
        // As it is; written anew; and in memory, when the disk does not give back what was written.
        for isOnDisk in [true, false] {
            do throws(IndexDefect) {
                return try question(asked)
            } catch {
                asked = try makeAnew(record, reader, instead: asked, onDisk: isOnDisk)
            }
        }
        return established(
            try? question(asked), "IndexShelf: an index in memory does not contradict itself")
    }

    /// The index of a sealed segment; found, or made.
    ///
    /// - Parameter isAhead: nobody waits for it: it is given up when the log is closed.
    func index(of record: SegmentRecord, _ reader: LogReader, isAhead: Bool = false)
        throws(EventLogError) -> SegmentIndex
    {
        if let there = known(record.number) ?? find(record) { return there }
        let result = making.withLock { making -> Result<SegmentIndex, EventLogError> in
            // Another thread may have made it meanwhile.
            if let there = known(record.number) ?? find(record, again: true) {
                return .success(there)
            }
            return make(record, reader, &making, isAhead: isAhead)
        }
        return try result.get()
    }

    private func makeAnew(
        _ record: SegmentRecord, _ reader: LogReader, instead old: SegmentIndex, onDisk: Bool
    ) throws(EventLogError) -> SegmentIndex {
        let result = making.withLock { making -> Result<SegmentIndex, EventLogError> in
            // Another thread may have met the same damage.
            if onDisk, let known = known(record.number), known !== old { return .success(known) }
            counts.withLock { $0.refused += 1 }
            return make(record, reader, &making, onDisk: onDisk)
        }
        return try result.get()
    }

    private func known(_ segment: UInt64) -> SegmentIndex? { indexes.withLock { $0[segment] } }

    /// What is on disk, when it is of this segment.
    ///
    /// - Parameter again: a look before found nothing that is right, so this one counts.
    private func find(_ record: SegmentRecord, again: Bool = false) -> SegmentIndex? {
        let identity = established(
            identity(of: record), "IndexShelf: only sealed segments have an index")
        do throws(IndexDefect) {
            let index = try SegmentIndex(
                file: indexFile(named: LogFileName.index(record.number)), cache: cache,
                of: identity)
            indexes.withLock { $0[record.number] = index }
            counts.withLock { $0.opened += 1 }
            return index
        } catch {
            if again, !error.isMissing { counts.withLock { $0.refused += 1 } }
            return nil
        }
    }

    /// The file that has a name now.
    func indexFile(named name: String) -> IndexFile {
        IndexFile(
            name: name, identifier: lastIdentifier.wrappingAdd(1, ordering: .relaxed).newValue,
            storage: storage, open: openFiles)
    }

    private func make(
        _ record: SegmentRecord, _ reader: LogReader, _ making: inout Making, onDisk: Bool = true,
        isAhead: Bool = false
    ) -> Result<SegmentIndex, EventLogError> {
        let identity = established(
            identity(of: record), "IndexShelf: only sealed segments have an index")
        do throws(EventLogError) {
            var postings = takePostings(of: record)
            try postings.catchUp(with: record, reader) { !isAhead || canWrite }
            guard postings.tags.through == record.lastPosition else {
                throw EventLogError(
                    .damaged, "segment \(record.number) has fewer events than its seal says",
                    file: LogFileName.segment(record.number))
            }
            invariant(
                UInt64(postings.tags.eventCount) == identity.eventCount,
                "IndexShelf: an index is made of all events of its segment")
            let image = IndexImage.bytes(of: postings, identity)
            counts.withLock { $0.made += 1 }
            if onDisk, write(image, to: LogFileName.index(record.number), &making),
                let written = find(record)
            {
                counts.withLock {
                    $0.written += 1
                    $0.opened -= 1
                    invariant($0.written <= $0.made, "IndexShelf: only what was made is written")
                }
                return .success(written)
            }
            let index = established(
                try? SegmentIndex(image: image, of: identity), "IndexShelf: a fresh index is right")
            indexes.withLock { $0[record.number] = index }
            return .success(index)
        } catch {
            return .failure(error)
        }
    }

    /// A segment that was active until now may have been read already.
    private func takePostings(of record: SegmentRecord) -> SegmentPostings {
        let held = active.withLock { active -> SegmentPostings? in
            guard let held = active, held.isOf(record) else { return nil }
            defer { active = nil }
            return active
        }
        let postings = held ?? SegmentPostings(record, secret: secret)
        invariant(
            postings.tags.base.advanced(by: 1) == record.firstPosition,
            "IndexShelf: postings begin where their segment does")
        return postings
    }

    /// Writes the file beside the old one and puts it in its place; nothing is synced, because what
    /// a crash leaves is checked like everything else.
    ///
    /// - Returns: whether it is there. A full disk or a missing permission is no failure: the index
    ///   stays in memory.
    private func write(_ image: [UInt8], to name: String, _ making: inout Making) -> Bool {
        guard canWrite else { return false }
        do throws(EventLogError) {
            if !making.hasFolder {
                try storage.createFolder(LogFileName.indexFolder)
                making.hasFolder = true
            }
            let file = try storage.open(LogFileName.newIndex, .replace)
            try file.writeAll(image, at: 0)
            file.close()
            try storage.rename(LogFileName.newIndex, to: name)
            return true
        } catch {
            making.hasFolder = false
            // Half an index must not take the last space from the log. What cannot be removed is
            // written over by the next one.
            try? storage.unlink(LogFileName.newIndex)
            return false
        }
    }
}

extension IndexShelf {
    /// The same for whoever does not hold what is made.
    func write(_ image: [UInt8], to name: String) -> Bool {
        making.withLock { write(image, to: name, &$0) }
    }
}

// MARK: - The active segment

extension IndexShelf {
    /// Whether the active segment's postings are in memory.
    func holdsPostings(of record: SegmentRecord) -> Bool {
        active.withLock { $0?.segment == record.number }
    }

    /// A smaller segment is read in no time.
    private static let largeByteCount: UInt64 = 1 << 20

    /// Whether a question about the active segment is to be answered by stepping through its batches: the
    /// first one, because a program that asks once should not pay for what only the second one needs.
    func isFirstQuestion(about record: SegmentRecord) -> Bool {
        guard record.endOffset >= IndexShelf.largeByteCount, !holdsPostings(of: record) else {
            return false
        }
        return steppedThrough.exchange(record.number, ordering: .relaxed) != record.number
    }

    /// Asks the active segment's postings, which are brought up to date first.
    func askActive<Result>(
        _ record: SegmentRecord, _ reader: LogReader, _ question: (SegmentPostings) -> Result
    ) throws(EventLogError) -> Result {
        let result = active.withLock { active -> Swift.Result<Result, EventLogError> in
            var postings = active ?? SegmentPostings(record, secret: secret)
            active = nil
            // Under a reader somebody may put another history's segment in the place of one.
            if !postings.isOf(record) { postings = SegmentPostings(record, secret: secret) }
            invariant(
                postings.tags.base.advanced(by: 1) == record.firstPosition,
                "IndexShelf: the active segment's postings begin where it does")
            do throws(EventLogError) {
                try postings.catchUp(with: record, reader)
            } catch {
                return .failure(error)
            }
            let answer = question(postings)
            active = postings
            return .success(answer)
        }
        return try result.get()
    }
}

// MARK: - Working ahead

extension IndexShelf {
    /// Asks the operating system, for all segments at once, for what a question will read first:
    /// else a cold disk would be waited for once a segment.
    func prepare(_ items: [IndexItem], _ segments: [SegmentRecord]) {
        guard segments.count > 2 else { return }
        let (known, unknown) = indexes.withLock { indexes in
            (
                segments.compactMap { indexes[$0.number] },
                segments.filter { $0.isSealed && indexes[$0.number] == nil }
            )
        }
        for record in unknown {
            // What is not there is made when it is asked.
            guard let file = try? storage.open(LogFileName.index(record.number), .read) else {
                continue
            }
            file.prefetch(0..<UInt64(IndexBlock.byteCount))
        }
        let opened = unknown.compactMap { find($0) }
        for item in items {
            guard let key = item.first else { continue }
            for index in known + opened { index.prefetch(key) }
        }
    }

    /// Makes the index of the oldest segment that has none, or when all have one, the oldest group.
    ///
    /// - Returns: whether there was one; `false`: nothing is left to make.
    /// - Throws: `.damaged`, `.io` when the segment cannot be read, `.closed`.
    func indexNext(_ segments: [SegmentRecord], _ reader: LogReader) throws(EventLogError) -> Bool {
        for record in segments.prefix(while: \.isSealed) {
            let last = record.lastPosition.rawValue
            guard record.tally.eventCount > 0, last > indexedThrough.load(ordering: .acquiring)
            else { continue }
            guard canWrite else { return false }
            let isNew = known(record.number) == nil
            _ = try index(of: record, reader, isAhead: true)
            invariant(
                known(record.number) != nil, "IndexShelf: what was made is there")
            indexedThrough.store(last, ordering: .releasing)
            if isNew { return true }
        }
        return try groupNext(segments, reader)
    }
}
