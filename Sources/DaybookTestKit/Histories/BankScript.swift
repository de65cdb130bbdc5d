/// What a scripted payment provider answers, attempt by attempt, for tests of whoever asks it.
public struct BankScript: Hashable, Sendable {
    /// The answer to one attempt.
    public enum Answer: Hashable, Sendable, CaseIterable {
        case captured
        case declined
        /// No answer in time; the money was taken, as a later message says.
        case unknownThenCaptured
        /// No answer in time; the money was not taken, as a later message says.
        case unknownThenDeclined
    }

    /// One answer for each attempt; the last goes on for ever.
    public var answers: [Answer]
    /// How often each message is delivered, from 1, in the order of the attempts.
    public var copies: [Int]
    /// Messages may overtake each other.
    public var isReordered: Bool

    public init(answers: [Answer], copies: [Int] = [], isReordered: Bool = false) {
        self.answers = answers
        self.copies = copies
        self.isReordered = isReordered
    }

    /// The answer to the attempt of this index.
    public func answer(to attempt: Int) -> Answer {
        attempt < answers.count ? answers[attempt] : answers.last ?? .captured
    }
}

extension Generator<BankScript> {
    /// Scripts with at least one answer; that everything is captured at once is the simplest.
    public static func bankScript(attempts: Int = 3) -> Generator<BankScript> {
        Generator { choices in
            let answers = try Generator<BankScript.Answer>.anyCase.array(count: 1...attempts)
                .draw(from: choices)
            let copies = try answers.map { _ in 1 + (try choices.below(3, .weights([6, 2, 1]))) }
            return BankScript(
                answers: answers, copies: copies, isReordered: try choices.happens(1, in: 3))
        }
    }
}

extension Generator {
    /// Messages as an unreliable network delivers them: each at least once, some again, some too late.
    /// Once each and in order is the simplest.
    public static func redelivered<Message>(
        _ messages: [Message], copies: Int = 3
    ) -> Generator where Value == [Message] {
        Generator { choices in
            var arrived: [Message] = []
            for message in messages {
                for copy in 0..<(1 + (try choices.below(copies, .weights([4, 2, 1])))) {
                    // From the end of the queue towards its beginning; 0 is in its place.
                    let back = try choices.below(arrived.count + 1, .weights([6, 1, 1, 1]))
                    arrived.insert(message, at: copy == 0 ? arrived.count - back : arrived.count)
                }
            }
            return arrived
        }
    }
}

/// Where a run is interrupted, and what becomes of what was not synced.
public struct CrashPoint: Hashable, Sendable {
    public enum Survival: Hashable, Sendable, CaseIterable {
        /// The process dies; the machine goes on.
        case everything
        /// The power goes; nothing survives that no sync has covered.
        case onlySynced
        /// The power goes; any part of what was not synced survives.
        case anything
    }

    /// After so many steps.
    public var step: Int
    public var survival: Survival
}

extension Generator<[CrashPoint]> {
    /// Some crashes in a run of so many steps, steps ascending; none is the simplest.
    public static func crashPoints(steps: Int, count: Int = 3) -> Generator<[CrashPoint]> {
        Generator<CrashPoint> { choices in
            CrashPoint(
                step: try choices.below(max(1, steps)),
                survival: CrashPoint.Survival.allCases[try choices.below(3)])
        }
        .array(count: 0...count).map { points in points.sorted { $0.step < $1.step } }
    }
}
