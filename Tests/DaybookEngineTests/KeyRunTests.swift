import DaybookCore
import DaybookLog
import Testing

@testable import DaybookEngine

/// Idempotency keys that were put away: the files, and how they are merged.
@Suite struct KeyRunTests {
    private let logID = LogID(rawValue: 0x0123_4567_89AB_CDEF)

    private func scope(_ number: Int) -> IdempotencyScope {
        IdempotencyScope(actor: .system, command: "Test", key: "\(number)")
    }

    private func entries(_ numbers: Range<Int>) -> [KeyEntry] {
        numbers.map { KeyEntry(hash: scope($0).hash, position: UInt64($0) + 1) }
            .sorted { $0.hash < $1.hash }
    }

    private func adding(
        _ numbers: Range<Int>, to runs: KeyRuns = KeyRuns(), mergingBelow limit: UInt64 = .max,
        in storage: any Storage
    ) throws -> KeyRuns {
        try runs.adding(
            entries(numbers), through: LogPosition(rawValue: UInt64(numbers.upperBound)), of: logID,
            in: storage, mergingBelow: limit)
    }

    private func folder(_ store: TestStore) throws -> FileStorage {
        try FileStorage(path: store.path + "/keys", creating: true)
    }

    @Test(arguments: [1, 169, 170, 171, 5_000, 87_210])
    func `given keys in a run, when it is opened, then it has each of them and no other`(
        count: Int
    ) throws {
        let store = try TestStore()
        let storage = try folder(store)
        let written = try adding(0..<count, in: storage)
        let opened = try KeyRuns(opening: written.identities, in: storage)
        for runs in [written, opened] {
            for number in 0..<count where number < 500 || number.isMultiple(of: 97) {
                #expect(try runs.position(of: scope(number).hash) == UInt64(number) + 1)
            }
            for number in count..<count + 2_000 {
                #expect(try runs.position(of: scope(number).hash) == nil)
            }
            let tally = runs.runs[0].identity.tally
            #expect(try runs.runs[0].measuredTally() == tally)
            #expect(tally.count == UInt64(count))
        }
    }

    @Test
    func `given hashes with one upper half, when they fill several blocks, then each is found`()
        throws
    {
        let store = try TestStore()
        let storage = try folder(store)
        // As somebody might choose them who knows how keys are kept.
        let upper: [UInt128] = [7, 8, 8, 8, 9].flatMap { Array(repeating: $0, count: 200) }
        let keys = upper.enumerated().map { index, upper in
            KeyEntry(hash: upper << 64 | UInt128(index * 3), position: UInt64(index) + 1)
        }
        let runs = try KeyRuns().adding(
            keys, through: LogPosition(rawValue: 1_000), of: logID, in: storage)
        for key in keys {
            #expect(try runs.position(of: key.hash) == key.position)
            #expect(try runs.position(of: key.hash + 1) == nil)
        }
    }

    @Test
    func `given keys put away again and again, then runs stay few and every key is found`() throws {
        let store = try TestStore()
        let storage = try folder(store)
        var runs = KeyRuns()
        for round in 0..<60 {
            runs = try adding(round * 50..<(round + 1) * 50, to: runs, in: storage)
            let counts = runs.identities.map(\.tally.count)
            #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 >= 4 * $1 }, "\(counts)")
            #expect(runs.through == LogPosition(rawValue: UInt64((round + 1) * 50)))
        }
        #expect(runs.runs.count <= 4)
        for number in 0..<3_000 {
            #expect(try runs.position(of: scope(number).hash) == UInt64(number) + 1)
        }
        let measured = try runs.runs.reduce(KeyTally()) { $0 + (try $1.measuredTally()) }
        #expect(measured == runs.identities.reduce(KeyTally()) { $0 + $1.tally })
        #expect(measured.count == 3_000)
        let opened = try KeyRuns(opening: runs.identities, in: storage)
        #expect(opened.identities == runs.identities)
    }

    @Test
    func
        `given long runs that stay as they are, when merged later, then runs are few and keys found`()
        throws
    {
        let store = try TestStore()
        let storage = try folder(store)
        var runs = KeyRuns()
        var mergedCount = 0
        for round in 0..<40 {
            runs = try adding(
                round * 50..<(round + 1) * 50, to: runs, mergingBelow: 200, in: storage)
            let before = runs.identities
            guard let merged = try runs.merged(of: logID, in: storage) else { continue }
            #expect(before.contains { $0.tally.count >= 200 })
            #expect(merged.through == runs.through)
            #expect(try merged.merged(of: logID, in: storage) == nil)
            // What a snapshot names is there until another one is written.
            #expect(try KeyRuns(opening: before, in: storage).identities == before)
            runs = merged
            mergedCount += 1
        }
        #expect(mergedCount > 0)
        let counts = runs.identities.map(\.tally.count)
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 >= 4 * $1 }, "\(counts)")
        for number in 0..<2_000 {
            #expect(try runs.position(of: scope(number).hash) == UInt64(number) + 1)
        }
        #expect(runs.identities.reduce(KeyTally()) { $0 + $1.tally }.count == 2_000)
    }

    @Test func `given a filter, then it knows each of its keys, and hardly one that is not`() {
        var filter = KeyFilter(keyCount: 20_000)
        for number in 0..<20_000 { filter.insert(scope(number).hash) }
        #expect((0..<20_000).allSatisfy { filter.mayHold(scope($0).hash) })
        let mistaken = (20_000..<40_000).count { filter.mayHold(scope($0).hash) }
        // 88 by reckoning.
        #expect(mistaken < 200, "\(mistaken) of 20,000")
    }

    @Test func `given any flipped bit, then a run tells no lie`() throws {
        let store = try TestStore()
        let storage = try folder(store)
        let runs = try adding(0..<400, in: storage)
        let name = try #require(runs.identities.first).fileName
        let file = try storage.open(name, .update)
        defer { file.close() }
        let bytes = try file.bytes(at: 0, count: Int(try file.byteCount()))
        var refused = 0
        for bit in stride(from: 0, to: bytes.count * 8, by: 1_117) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try file.writeAll(damaged, at: 0)
            guard let opened = try? KeyRuns(opening: runs.identities, in: storage) else {
                refused += 1
                continue
            }
            var isNoticed = false
            for number in 0..<400 {
                do {
                    #expect(try opened.position(of: scope(number).hash) == UInt64(number) + 1)
                } catch {
                    isNoticed = true
                }
            }
            #expect(isNoticed, "bit \(bit)")
            #expect(throws: KeyRunDefect.self) { try opened.runs[0].measuredTally() }
        }
        #expect(refused > 0)
    }

    @Test func `given a run of another log or range, when opened under its name, then refused`()
        throws
    {
        let store = try TestStore()
        let storage = try folder(store)
        let run = try #require(try adding(0..<10, in: storage).identities.first)
        var other = run
        other.logID = LogID(rawValue: 9)
        #expect(throws: KeyRunDefect.self) { try KeyRun.open(other, in: storage) }
        other = run
        other.tally.sum += 1
        #expect(throws: KeyRunDefect.self) { try KeyRun.open(other, in: storage) }
        other = run
        other.through = LogPosition(rawValue: 11)
        #expect(throws: KeyRunDefect.self) { try KeyRun.open(other, in: storage) }
        #expect(try KeyRun.open(run, in: storage).identity == run)
    }

    @Test func `given two keys that exchanged their positions, then their sum is another`() {
        var right = KeyTally()
        right.add(KeyEntry(hash: 5, position: 1))
        right.add(KeyEntry(hash: 9, position: 2))
        var wrong = KeyTally()
        wrong.add(KeyEntry(hash: 5, position: 2))
        wrong.add(KeyEntry(hash: 9, position: 1))
        #expect(right.count == wrong.count)
        #expect(right != wrong)
    }
}
