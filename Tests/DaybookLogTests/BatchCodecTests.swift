import DaybookCore
import Testing

@testable import DaybookLog

@Suite struct `Batch message` {
    static let full = ProposedBatch(
        metadata: BatchMetadata(
            recordedAt: Instant(microseconds: 5), actor: .user(UserID(rawValue: 7)),
            command: "Place", idempotencyKey: "k", fingerprint: testSalt,
            correlationID: CorrelationID(rawValue: 9), causationPosition: position(3)),
        events: [
            ProposedEvent(
                type: "A", tags: [Tag(label: "sku", text: "x")], payload: [1, 2]),
            ProposedEvent(
                type: "B", schemaVersion: 2,
                tags: [Tag(label: "order", identifier: 1), Tag(label: "sku", text: "x")],
                payload: []),
        ])

    static func encode(_ batch: ProposedBatch) -> [UInt8] {
        var encoder = BatchEncoder()
        for event in batch.events {
            encoder.event(type: event.type, schemaVersion: event.schemaVersion, tags: event.tags) {
                writer in event.payload.withUnsafeBytes { writer.append(raw: $0) }
            }
        }
        var writer = WireWriter()
        encoder.write(batch.metadata, into: &writer)
        return writer.bytes
    }

    static func decode(_ raw: [UInt8]) throws -> [RecordedBatch] {
        try raw.withUnsafeBytes { raw in
            var batches: [RecordedBatch] = []
            var sequence = BatchSequence(raw, firstBatchNumber: 1, firstPosition: position(1))
            let tables = BatchTables()
            while try sequence.visitNext(tables, { batches.append(try $0.recorded()) }) {}
            return batches
        }
    }

    @Test
    func `given a batch, when encoded, then it has the bytes of the schema, tables before events`()
    {
        // Length 147, then fields 1 … 10 in their order; see Schemas/log/batch.proto.
        #expect(
            hex(Self.encode(Self.full))
                == """
                9301 0805 1215757365723d 00000000000000000000000000000007 1a05506c616365 22016b
                2a20 030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dc
                3210 00000000000000000000000000000009 3803 420141 420142
                4a05 736b753a78 4a16 6f726465723d 00000000000000000000000000000001
                5207 1a0100 22020102 520a 0801 1002 1a02 0100 2200
                """.filter { !$0.isWhitespace })
    }

    @Test func `given a batch, when decoded, then it is what was encoded`() throws {
        let batch = try #require(try Self.decode(Self.encode(Self.full)).first)
        #expect(batch.metadata == Self.full.metadata)
        #expect(batch.events.map(\.payload) == [[1, 2], []])
        #expect(batch.events.map(\.schemaVersion) == [1, 2])
        #expect(batch.events[1].tags == Self.full.events[1].tags)
    }

    @Test(arguments: [
        Actor.system, .gateway, .operator(nil), .operator("Ada"), .import,
        .user(UserID(rawValue: 1 << 100)),
    ])
    func `given any actor, when encoded, then it is read back`(actor: Actor) throws {
        var batch = Self.full
        batch.metadata.actor = actor
        #expect(try Self.decode(Self.encode(batch)).first?.metadata.actor == actor)
    }

    @Test
    func
        `given a batch cut anywhere or with any byte replaced, when decoded, then it is an error or a batch, never a trap`()
    {
        let raw = Self.encode(Self.full)
        var refusalCount = 0
        for count in 0..<raw.count {
            if (try? Self.decode(Array(raw[..<count]))) == nil { refusalCount += 1 }
        }
        #expect(refusalCount == raw.count - 1)
        for index in raw.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var damaged = raw
                damaged[index] = value
                _ = try? Self.decode(damaged)
            }
        }
    }

    @Test func `given many tags, then each is stored once and found by a table`() throws {
        let tags = (0..<100).map { Tag(label: "sku", text: "item\($0)") }
        let events = (0..<100).map { index in
            ProposedEvent(type: "T", tags: [tags[index], tags[(index + 50) % 100]], payload: [])
        }
        let batch = ProposedBatch(metadata: metadata(), events: events)
        let raw = Self.encode(batch)
        #expect(try Self.decode(raw).first?.events.map(\.tags) == events.map(\.tags))
        #expect(raw.count < 2_500)
    }
}

@Suite struct `Compression` {
    @Test func `given payloads of many kinds, when compressed, then they are read back`() throws {
        var generator = SeededGenerator(seed: testSeed("LZ4"))
        for round in 0..<200 {
            let count = Int.random(in: 17...70_000, using: &generator)
            let alphabet = UInt8.random(in: 1...255, using: &generator)
            let raw = (0..<count).map { _ in UInt8.random(in: 0...alphabet, using: &generator) }
            var compressed = [UInt8](repeating: 0, count: count)
            let stored = raw.withUnsafeBytes { raw in
                compressed.withUnsafeMutableBytes { FrameCompression.compress(raw, into: $0) }
            }
            guard let stored else { continue }
            #expect(stored < count)
            var back = [UInt8](repeating: 0xAA, count: count)
            try compressed.withUnsafeBytes { compressed in
                try back.withUnsafeMutableBytes { back in
                    try FrameCompression.decompress(
                        UnsafeRawBufferPointer(rebasing: compressed[..<stored]), into: back)
                }
            }
            #expect(back == raw, "round \(round)")
        }
    }

    @Test
    func `given a block that is cut, longer or malformed, when decompressed, then it is refused`() {
        let raw = [UInt8](repeating: 7, count: 1000)
        var compressed = [UInt8](repeating: 0, count: 1000)
        let stored = raw.withUnsafeBytes { raw in
            compressed.withUnsafeMutableBytes { FrameCompression.compress(raw, into: $0) }
        }
        let count = stored ?? 0
        #expect((1..<100).contains(count))
        func decompress(_ count: Int, into rawCount: Int) throws {
            var back = [UInt8](repeating: 0, count: rawCount)
            try compressed.withUnsafeBytes { compressed in
                try back.withUnsafeMutableBytes { back in
                    try FrameCompression.decompress(
                        UnsafeRawBufferPointer(rebasing: compressed[..<count]), into: back)
                }
            }
        }
        #expect(throws: FrameDefect.decompression) { try decompress(count - 1, into: 1000) }
        #expect(throws: FrameDefect.decompression) { try decompress(count, into: 999) }
        #expect(throws: FrameDefect.decompression) { try decompress(count, into: 1001) }
    }

    @Test(arguments: [1, 2, 7, 100])
    func
        `given the same batches in groups of any size, with or without LZ4, then events and Merkle root are the same`(
            groupSize: Int
        ) throws
    {
        for codec in [EventLogOptions.Codec.lz4, .none] {
            let log = try LogDirectory.create(
                storage: SimulatedDisk(), options: smallOptions(codec: codec), hash: .sha256,
                clock: TestClock().read, newLogID: testLogID, salt: testSalt)
            for number in 1...100 {
                _ = try log.writer.stage(batch(event(order: UInt128(number)), event("Paid")))
                if number % groupSize == 0, let group = log.writer.closeGroup() {
                    _ = try log.committer.commit(group)
                }
            }
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
            #expect(log.committer.merkleTree.size == 100)
            #expect(
                log.committer.merkleTree.root.description
                    == "efa3ba6db5dec611a695ff20fdfaec161df87c4a34dc725450e8dbedc5c6e7eb")
            let events = try log.reader.read(.all)
            #expect(events.count == 200)
            #expect(events[199].position == position(200))
            #expect(events[100].tags.first == OrderID(rawValue: 51).tag)
        }
    }
}
