import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections
import Dispatch
import Foundation
import GRDB
import Testing

@testable import DaybookEngine

/// Copies of read models are made beside the projector; what is in them must not depend on how long that
/// takes.
@Suite(.timeLimit(.minutes(5))) struct `Kept copies` {
    private static let policy = CheckpointPolicy(interval: 8, count: 4)

    /// A model of a shop with some orders, that has come half the way, in a folder of its own.
    private struct HalfWay {
        let store: TestStore
        let reader: DaybookReader
        let place: ReadModelPlace
        let projector: any Projector
        let files: CheckpointFiles
        let folder: String

        init() async throws {
            store = try TestStore()
            let (daybook, user) = try await store.openShopWithCustomer()
            for _ in 0..<4 { _ = try await daybook.order([("A", 1)], by: user) }
            try await daybook.close()
            reader = try DaybookReader.open(directory: store.configuration.directory)
            folder = store.path + "/half-way"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            place = ReadModelPlace(folder + "/orders.sqlite")
            let file = try ReadModelFile.create(.orders, in: place, logID: reader.log.logID)
            projector = try ReadModelName.orders.makeProjector(file: file)
            files = CheckpointFiles(
                .orders, besides: folder, policy: `Kept copies`.policy)
            let half = LogPosition(rawValue: reader.head.rawValue / 2)
            try project(through: half)
        }

        func project(through last: LogPosition) throws {
            try ReadModelSet.feed(
                reader.log, from: projector.file.checkpoint.position.advanced(by: 1), through: last
            ) { run, checkpoint in
                try projector.project(run, checkpoint: checkpoint)
                return true
            }
        }

        /// The tables as a rebuild that stops at a position has them.
        func digestsOfRebuild(at position: LogPosition) throws -> [String] {
            let path = store.path + "/rebuilt.sqlite"
            defer { try? FileManager.default.removeItem(atPath: path) }
            _ = try PastModels.write(
                .orders, asOf: .position(position), from: reader.log,
                in: store.configuration.directory, to: path, startingWith: .nothing)
            return try digests(of: path)
        }

        func digests(of path: String) throws -> [String] {
            try ReadModelSnapshot(of: .orders, at: path, isStill: true).digests()
                .map { "\($0)" }.sorted()
        }
    }

    @Test(arguments: [true, false])
    func `given a projector that goes on at once, when kept, then the copy is of its beginning`(
        isParallel: Bool
    ) async throws {
        let model = try await HalfWay()
        let position = model.projector.file.checkpoint.position
        var keeper = CheckpointKeeper(model.files, isParallel: isParallel)
        keeper.keepIfDue(model.projector.file, head: model.reader.head)
        try model.project(through: model.reader.head)
        keeper.finish()
        let kept = try model.files.kept()
        #expect(kept.map(\.position) == [position])
        let copy = try #require(kept.first)
        #expect(copy.isUnchanged)
        #expect(try model.digests(of: copy.path) == model.digestsOfRebuild(at: position))
        #expect(model.projector.file.checkpoint.position > position)
        try model.projector.close()
    }

    @Test
    func `given a copy that is being made, when events are taken anew, then it is forgotten too`()
        async throws
    {
        let model = try await HalfWay()
        let position = model.projector.file.checkpoint.position
        var keeper = CheckpointKeeper(model.files, isParallel: true)
        keeper.keepIfDue(model.projector.file, head: model.reader.head)
        keeper.forget(from: position)
        #expect(try model.files.kept().isEmpty)
        // It is due again.
        keeper.keepIfDue(model.projector.file, head: model.reader.head)
        keeper.finish()
        #expect(try model.files.kept().map(\.position) == [position])
        try model.projector.close()
    }

    @Test func `given a model that was exchanged meanwhile, when kept, then nothing is there`()
        async throws
    {
        let model = try await HalfWay()
        let position = model.projector.file.checkpoint.position
        let moment = try ReadModelSnapshot(of: .orders, at: model.place.path)
        #expect(!moment.wasExchanged)
        let other = try ReadModelFile.create(
            .orders, in: model.place, logID: model.reader.log.logID)
        #expect(moment.wasExchanged)
        struct WasExchanged: Error {}
        #expect(throws: WasExchanged.self) {
            try model.files.keep(at: position, head: model.reader.head) { path in
                try moment.copy(to: path)
            } confirming: {
                if moment.wasExchanged { throw WasExchanged() }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: model.files.folder).isEmpty)
        var lookCount = 0
        #expect(throws: WasExchanged.self) {
            try model.files.keep(at: position, head: model.reader.head) { path in
                try moment.copy(to: path)
            } confirming: {
                // Between the two looks: the copy has its name by then.
                lookCount += 1
                if lookCount == 2 { throw WasExchanged() }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: model.files.folder).isEmpty)
        #expect(throws: CancellationError.self) {
            try moment.copy(to: model.store.path + "/given-up.sqlite") { false }
        }
        var keeper = CheckpointKeeper(model.files, isParallel: true)
        keeper.keepIfDue(model.projector.file, head: model.reader.head)
        keeper.finish()
        #expect(try model.files.kept().isEmpty)
        try other.close()
        try model.projector.close()
    }

    @Test
    func
        `given a moment that has ended, when its log was long, then it is folded in beside who projects`()
        async throws
    {
        let model = try await HalfWay()
        func positionInFile() throws -> LogPosition {
            // Read without the log beside it.
            try ReadModelSnapshot(of: .orders, at: model.place.path, isStill: true).checkpoint
                .position
        }
        let moment = try ReadModelSnapshot(of: .orders, at: model.place.path)
        try model.project(through: model.reader.head)
        let head = model.projector.file.checkpoint.position
        #expect(try positionInFile() < head)
        try moment.end()
        #expect(try positionInFile() < head)
        let other = try ReadModelSnapshot(of: .orders, at: model.place.path)
        try other.end(foldingLogBeyond: 0)
        #expect(try positionInFile() == head)
        #expect(throws: ReadModelError.self) { try other.digests() }
        try model.projector.close()
        #expect(try model.digests(of: model.place.path) == model.digestsOfRebuild(at: head))
    }

    @Test(arguments: [true, false])
    func `given a copy behind which the log is long, when kept, then the log is folded in`(
        isParallel: Bool
    ) async throws {
        let model = try await HalfWay()
        let position = model.projector.file.checkpoint.position
        func positionInFile() throws -> LogPosition {
            try ReadModelSnapshot(of: .orders, at: model.place.path, isStill: true).checkpoint
                .position
        }
        #expect(try positionInFile() < position)
        var keeper = CheckpointKeeper(model.files, isParallel: isParallel, foldedBeyond: 0)
        keeper.keepIfDue(model.projector.file, head: model.reader.head)
        try model.project(through: model.reader.head)
        keeper.finish()
        #expect(try positionInFile() >= position)
        #expect(try model.files.kept().map(\.position) == [position])
        try model.projector.close()
        #expect(
            try model.digests(of: model.place.path)
                == model.digestsOfRebuild(at: model.reader.head))
    }

    /// After how many pages in the log a transaction of the model folds it in, from the next but one on.
    private func foldedPageCount(
        _ model: HalfWay, through last: LogPosition
    ) throws -> Int? {
        try model.project(through: last)
        return try model.projector.file.withDatabase {
            try Int.fetchOne($0, sql: "PRAGMA wal_autocheckpoint")
        }
    }

    @Test(arguments: [true, false])
    func
        `given a copy that is made, when it projects on, then its log is left to it until it is there`(
            isFailing: Bool
        ) async throws
    {
        let model = try await HalfWay()
        if isFailing { try Data().write(to: URL(fileURLWithPath: model.files.folder)) }
        let half = model.projector.file.checkpoint.position
        let head = model.reader.head
        func position(_ share: UInt64) -> LogPosition {
            LogPosition(rawValue: half.rawValue + (head.rawValue - half.rawValue) * share / 4)
        }
        // The first transaction of a connection does not fold either.
        #expect(try foldedPageCount(model, through: position(1)) == 8_000)
        // One is due here, and none as far as the model goes.
        let policy = CheckpointPolicy(
            interval: model.projector.file.checkpoint.position.rawValue, count: 4)
        let files = CheckpointFiles(.orders, besides: model.folder, policy: policy)
        var keeper = CheckpointKeeper(files, isParallel: true)
        keeper.keepIfDue(model.projector.file, head: head)
        #expect(try foldedPageCount(model, through: position(2)) == 0)
        keeper.finish()
        keeper.keepIfDue(model.projector.file, head: head)
        #expect(try foldedPageCount(model, through: position(3)) == 8_000)
        #expect(((try? model.files.kept()) ?? []).isEmpty == isFailing)
        var other = CheckpointKeeper(model.files, isParallel: false)
        other.keepIfDue(model.projector.file, head: head)
        #expect(try foldedPageCount(model, through: head) == 8_000)
        try model.projector.close()
    }

    @Test func `given work aside, when asked, then it is done once it has ended, and not before`()
        async throws
    {
        let gate = DispatchSemaphore(value: 0)
        let work = WorkAside("test") {
            gate.wait()
            return 7
        }
        #expect(!work.isDone)
        gate.signal()
        #expect(try work.wait() == 7)
        let done = WorkAside("test") {}
        while !done.isDone { await Task.yield() }
        #expect(done.isDone)
        try done.wait()
    }
}
