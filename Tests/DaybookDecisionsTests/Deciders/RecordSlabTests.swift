import DaybookCore
import Testing

@testable import DaybookDecisions

@Suite struct `Records in a slab` {
    @Test(arguments: [UInt64(1), 2, 3])
    func
        `given random changes, when compared with a dictionary, then index, slab and image hold the same`(
            seed: UInt64
        ) throws
    {
        var random = SeededGenerator(seed: seed)
        var slab = RecordSlab(chunkByteCount: 1_024)
        var index = PlaceIndex()
        var model: [UInt128: [UInt8]] = [:]
        for step in 0..<6_000 {
            // Few identifiers, some of which share half of their bits.
            let number = UInt64.random(in: 0..<400, using: &random)
            let identifier = UInt128(number % 20) << 64 | UInt128(number)
            let hash = PlaceIndex.hash(identifier)
            let known = index.remove(hash) { slab.identifier(at: $0) == identifier }
            #expect((known != nil) == (model[identifier] != nil), "seed \(seed), step \(step)")
            if let known { slab.remove(known) }
            model[identifier] = nil
            // Phases of growing and of draining; some records are longer than a chunk.
            if Int.random(in: 0..<8, using: &random) < (step / 1_000 % 2 == 0 ? 6 : 2) {
                let count = Int.random(in: 0..<(number == 7 ? 3_000 : 150), using: &random)
                let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ step) }
                index.insert(content.withUnsafeBytes { slab.append(identifier, $0) }, hash)
                model[identifier] = content
            }
            if slab.isMostlyFree {
                let moves = slab.emptyOneChunk { identifier, place in
                    index.place(PlaceIndex.hash(identifier)) { $0 == place } != nil
                }
                for move in moves {
                    let hash = PlaceIndex.hash(move.identifier)
                    #expect(index.remove(hash) { $0 == move.from } == move.from)
                    index.insert(move.to, hash)
                }
            }
            #expect(index.count == model.count, "seed \(seed), step \(step)")
        }
        func content(_ identifier: UInt128, _ slab: RecordSlab, _ index: PlaceIndex) -> [UInt8]? {
            index.place(PlaceIndex.hash(identifier)) { slab.identifier(at: $0) == identifier }
                .map { place in slab.withContent(at: place) { Array($0) } }
        }
        for (identifier, bytes) in model {
            #expect(content(identifier, slab, index) == bytes, "seed \(seed)")
        }

        var writer = WireWriter()
        slab.encodeImage(field: 1, into: &writer) { identifier, place in
            index.place(PlaceIndex.hash(identifier)) { $0 == place } != nil
        }
        var (copy, copyIndex) = (RecordSlab(chunkByteCount: 1_024), PlaceIndex())
        try writer.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let tag = try reader.nextTag() {
                try copy.addImage(chunk: try reader.delimited(tag)) { identifier, place in
                    copyIndex.insert(place, PlaceIndex.hash(identifier))
                }
            }
        }
        #expect(copyIndex.count == model.count, "seed \(seed)")
        for (identifier, bytes) in model {
            #expect(content(identifier, copy, copyIndex) == bytes, "seed \(seed)")
        }
    }

    @Test
    func `given an index of many entries, when counted, then it takes 12 bytes an entry at most`() {
        // 64 tables of 8 bytes a slot that grow by a quarter when five sixths are taken: read off the rule.
        var index = PlaceIndex()
        var random = SeededGenerator(seed: 1)
        for place in 0..<UInt32(100_000) {
            index.insert(place, UInt64.random(in: 0...UInt64.max, using: &random))
        }
        #expect(index.count == 100_000)
        #expect(Double(index.byteCount) / 100_000 < 12)
    }
}
