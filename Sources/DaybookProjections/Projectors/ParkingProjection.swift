internal import DaybookCore
internal import DaybookDecisions

/// Folds facts to rows; one for each stretch of a run.
protocol RunFold {
    /// - Throws: ``ProjectionError`` when the fact cannot be right; then the fold is worth nothing.
    mutating func apply(_ fact: Fact, _ part: EventPart) throws
    /// Told of each fact that is parked as it comes, in the order of the log: what depends on that order alone
    /// is done now, and not with a later try.
    func pass(_ fact: Fact) throws
    func write() throws
}

extension RunFold {
    func pass(_ fact: Fact) {}
}

/// Projects around events that cannot be taken.
///
/// Such an event is parked with its error; whatever comes later about the same subject is parked behind
/// it, in order; all other subjects go on. An operator's skip, an event itself, lets the subject go on
/// without the event. All of it follows from the log alone, so that a rebuild parks the same.
///
/// Confined like its projector. Runs inside the transaction that moves the checkpoint.
final class ParkingProjection {
    private let model: ReadModelName
    private let store: ParkedStore
    private let limit: Int
    private var held: Set<String>
    private var parkedCount: Int
    /// Positions of which a later event in the log says that they are skipped, and of which that event
    /// was not met yet.
    private var announced: Set<LogPosition> = []

    /// - Parameter limit: with more events parked than this the projection stands still: then it is not
    ///   single events that are wrong.
    init(_ model: ReadModelName, _ store: ParkedStore, limit: Int) throws {
        self.model = model
        self.store = store
        self.limit = limit
        held = Set(try store.subjects())
        parkedCount = try store.count()
    }

    /// Runs `body`, a transaction; when it fails, forgets what the file does not hold.
    func restoringOnFailure(_ body: () throws -> Void) throws {
        let before = (held, parkedCount, announced)
        do {
            try body()
        } catch {
            (held, parkedCount, announced) = before
            throw error
        }
    }

    // MARK: Projecting

    /// Writes the rows of batches that were not projected yet, and parks what cannot be.
    ///
    /// Each fact is folded at most three times, however many are refused: what stands before a refused
    /// one is written first, then it is tried again from its batch on.
    func project<Fold: RunFold>(_ fresh: ArraySlice<FactBatch>, _ makeFold: () -> Fold) throws {
        var rest = fresh
        var refused: [LogPosition: String] = [:]
        var soundCount: Int?
        while !rest.isEmpty {
            let stretch = soundCount.map { rest.prefix($0) } ?? stretch(of: rest)
            soundCount = nil
            var attempt = ParkingAttempt(held: held)
            var fold = makeFold()
            var doneCount = 0
            do {
                for batch in stretch {
                    try take(batch, &fold, &attempt, refused)
                    doneCount += 1
                }
            } catch let error as ProjectionError {
                if doneCount > 0 {
                    soundCount = doneCount
                } else {
                    try refused.note(error)
                }
                continue
            }
            try write(fold, attempt)
            rest = rest.dropFirst(stretch.count)
            refused.removeAll()
        }
    }

    /// The batches that can be folded together: a batch with a skip needs what is parked before it in
    /// the file.
    private func stretch(of rest: ArraySlice<FactBatch>) -> ArraySlice<FactBatch> {
        // By places: a closure would be handed a copy of each batch.
        let end = rest.indices.first { rest[$0].mayReleaseParked } ?? rest.endIndex
        return end == rest.startIndex ? rest.prefix(1) : rest[..<end]
    }

    private func skip(in fact: Fact) -> LogPosition? {
        guard case .projectionEventSkipped(let skip) = fact.event, skip.model == model.rawValue
        else { return nil }
        return LogPosition(rawValue: skip.skippedPosition)
    }

    private func take<Fold: RunFold>(
        _ batch: FactBatch, _ fold: inout Fold, _ attempt: inout ParkingAttempt,
        _ refused: [LogPosition: String]
    ) throws {
        for skip in batch.skips where skip.model == model.rawValue {
            announced.insert(skip.position)
        }
        let mayRelease = batch.mayReleaseParked
        for fact in batch.facts {
            if mayRelease, let position = skip(in: fact) {
                announced.remove(position)
                try release(position, &fold, &attempt, refused)
            } else if attempt.held.isEmpty, refused.isEmpty, announced.isEmpty {
                try fold.apply(fact, .whole)
            } else {
                try takeOrPark(fact, &fold, &attempt, refused)
            }
        }
    }

    private func takeOrPark<Fold: RunFold>(
        _ fact: Fact, _ fold: inout Fold, _ attempt: inout ParkingAttempt,
        _ refused: [LogPosition: String]
    ) throws {
        let subjects = model.subjects(of: fact.event)
        let waiting = subjects.filter(attempt.held.contains)
        if let reason = refused[fact.position] {
            for subject in subjects {
                attempt.park(fact, subject, because: waiting.contains(subject) ? nil : reason)
            }
            return try fold.pass(fact)
        }
        for subject in waiting { attempt.park(fact, subject, because: nil) }
        guard waiting.count < subjects.count else { return try fold.pass(fact) }
        try fold.apply(fact, waiting.isEmpty ? .whole : .except(Set(waiting)))
        try checkNotSkipped(fact)
    }

    /// What an operator skipped is left out also by a program that could take it: until the skip it
    /// waits, like it did before.
    private func checkNotSkipped(_ fact: Fact) throws {
        guard announced.contains(fact.position) else { return }
        throw ProjectionError(
            model: model, position: fact.position, type: fact.event.type,
            reason: "an operator skipped it later")
    }

    private func write(_ fold: some RunFold, _ attempt: ParkingAttempt) throws {
        // Counted before anything is written: a rebuild has no way back.
        let stored = try attempt.queues.keys.reduce(0) { try $0 + store.events(of: $1).count }
        let count =
            parkedCount - stored + attempt.queues.values.reduce(0) { $0 + $1.count }
            + attempt.added.count
        // The first one too many, so that everything before it fits.
        let first = max(0, attempt.added.count - max(1, count - limit))
        if count > limit, count > parkedCount, first < attempt.added.count {
            let event = attempt.added[first]
            throw ProjectionError(
                model: model, position: event.fact.position, type: event.fact.event.type,
                reason: "more than \(limit) events are parked")
        }
        try fold.write()
        try attempt.write(to: store)
        held = attempt.held
        parkedCount = count
    }
}

// MARK: - Letting go on

extension ParkingProjection {
    /// Tries again what is parked: all of it, or what is parked of one event's subjects.
    ///
    /// - Returns: `nil` when nothing is parked at the position.
    func retry<Fold: RunFold>(
        _ position: LogPosition?, _ makeFold: () -> Fold
    ) throws -> RetryResult? {
        let attempt = ParkingAttempt(held: held)
        let subjects = try position.map { try attempt.subjects(at: $0, in: store) } ?? held.sorted()
        if position != nil, subjects.isEmpty { return nil }
        var result = RetryResult()
        for subject in subjects {
            var refused: [LogPosition: String] = [:]
            while true {
                var attempt = ParkingAttempt(held: held)
                var fold = makeFold()
                do {
                    try goOn(with: subject, &fold, &attempt, refused)
                } catch let error as ProjectionError {
                    try refused.note(error)
                    continue
                }
                try write(fold, attempt)
                result.applied += attempt.appliedCount
                result.parked += attempt.queues[subject] ?? []
                break
            }
        }
        return result
    }

    /// Leaves out what is parked at a position and goes on with what waits behind it.
    private func release<Fold: RunFold>(
        _ position: LogPosition, _ fold: inout Fold, _ attempt: inout ParkingAttempt,
        _ refused: [LogPosition: String]
    ) throws {
        for subject in try attempt.subjects(at: position, in: store) {
            var queue = try attempt.queue(of: subject, in: store)
            let isFirst = queue.first?.fact.position == position
            queue.removeAll { $0.fact.position == position }
            attempt.replace(queue, of: subject, applied: 0)
            if isFirst { try goOn(with: subject, &fold, &attempt, refused) }
        }
    }

    /// Takes what waits of a subject, in order, up to the first that is refused.
    private func goOn<Fold: RunFold>(
        with subject: String, _ fold: inout Fold, _ attempt: inout ParkingAttempt,
        _ refused: [LogPosition: String]
    ) throws {
        var queue = try attempt.queue(of: subject, in: store)
        var applied = 0
        while let next = queue.first {
            if let reason = refused[next.fact.position] {
                queue[0].reason = reason
                break
            }
            try fold.apply(next.fact, .only(subject))
            try checkNotSkipped(next.fact)
            queue.removeFirst()
            applied += 1
        }
        attempt.replace(queue, of: subject, applied: applied)
    }
}

extension [LogPosition: String] {
    /// - Throws: the error itself when it was noted before: then parking does not help.
    fileprivate mutating func note(_ error: ProjectionError) throws {
        guard updateValue(error.reason, forKey: error.position) == nil else { throw error }
    }
}
