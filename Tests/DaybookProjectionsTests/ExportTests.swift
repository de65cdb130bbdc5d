import DaybookCore
import DaybookDecisions
import DaybookProjections
import Testing

@Suite struct `Export` {
    @Test func `given rows, when written as NDJSON, then keys are in the order of the columns`()
        throws
    {
        let folder = TestFolder()
        var history = History()
        history.record(
            .productAdded(
                ProductAdded(
                    sku: Cast.book, name: "A \"good\" \\ book\tnow", price: Cast.pounds(999),
                    stocked: true, backorder: false)))
        let path = try ReadModelName.inventory.project(history, into: folder)
        let file = try ReadModelFile.open(.inventory, at: path)
        #expect(
            try file.everything() == [
                """
                {"sku":"BOOK","name":"A \\"good\\" \\\\ book\\u0009now","price_minor":999,\
                "currency":"GBP","stocked":true,"on_sale":true,"backorder":false,\
                "created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","position":1}
                """
            ])
        try file.close()
    }

    @Test func `given rows, when written as SQL, then they can be read back`() throws {
        let folder = TestFolder()
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 60)
        let file = try ReadModelFile.open(
            .orders, at: ReadModelName.orders.project(history, into: folder))
        let copy = try ReadModelFile.create(
            .orders, at: folder.file("copy.sqlite"), logID: History.logID)
        var statements: [String] = []
        try file.exportAll(as: .sql) { statements.append($0) }
        for statement in statements { try copy.run(statement) }
        #expect(try copy.digests() == file.digests())
        try copy.close()
        try file.close()
    }

    @Test
    func `given two logs with the same content, when exported, then no byte tells them apart`()
        throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 60)
        let folder = TestFolder()
        for name in ReadModelName.allCases {
            let mine = try ReadModelFile.open(name, at: name.project(history, into: folder))
            let path = folder.file("other-\(name.fileName)")
            let other = try ReadModelFile.create(name, at: path, logID: LogID(rawValue: 77))
            let projector = try name.makeProjector(file: other)
            var end = history.checkpoint(afterBatches: history.batches.count, chainSalt: 9)
            end.logID = LogID(rawValue: 77)
            try projector.project(history.batches, checkpoint: end)
            #expect(try other.everything() == mine.everything())
            try projector.close()
            try mine.close()
        }
    }

    @Test
    func
        `given a file in use, when its state, digests and rows are read beside it, then they agree`()
        throws
    {
        let history = HistoryGenerator.history(seed: TestSeed.value, steps: 60)
        let folder = TestFolder()
        let path = try ReadModelName.orders.project(history, into: folder)
        let file = try ReadModelFile.open(.orders, at: path)
        try file.stop(ProjectionStop(position: LogPosition(rawValue: 9), reason: "told to"))
        let models = ReadModels(directory: folder.path)
        let state = try models.state(of: .orders)
        #expect(state.checkpoint == history.end)
        #expect(state.stop == file.stop)
        #expect(try models.digests(of: .orders).value == file.digests())
        var lines: [String] = []
        #expect(try models.export(.orders) { lines.append($0) } == history.end.position)
        #expect(try lines == file.everything())
        models.close()
        try file.close()
    }
}
